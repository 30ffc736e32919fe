"""Following, listing, downloading, remixing and deleting, as OpenAI's clients do."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from billing import ledger
from generations.models import Generation, Upload
from tests.api.tools import (
    API,
    a_picture,
    failed,
    finished,
    problem,
    queries,
    submitted,
    the_only,
)
from tests.openai.tools import WORDS, OpenAI, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(openai, film) -> Generation:
    openai.video()
    return finished(the_only(), film)


# Following


def test_a_video_goes_through_the_four_words_they_know(openai, film):
    id = openai.video()["id"]
    assert look(openai, id)["status"] == "queued"
    submitted(the_only())
    assert look(openai, id)["status"] == "in_progress"


def test_a_finished_video_says_when(openai, clip):
    response = openai.get(f"/videos/{clip.public_id}")

    video = response.json()
    assert (video["status"], video["progress"]) == ("completed", 100)
    assert video["completed_at"] == int(clip.finished_at.timestamp())
    assert video["expires_at"] is None
    assert "openai-poll-after-ms" not in response


def test_a_failed_video_says_why(openai):
    id = openai.video()["id"]
    one = failed(the_only())

    video = look(openai, id)

    assert (video["status"], video["completed_at"]) == ("failed", None)
    assert video["error"] == {"code": "content_policy", "message": one.error_message}


def test_a_canceled_video_has_failed_because_of_that(openai, alice):
    id = openai.video()["id"]
    assert API(alice).post(f"/generations/{id}/cancel").status_code == 200

    video = look(openai, id)

    assert (video["status"], video["error"]["code"]) == ("failed", "canceled")


def test_who_waits_is_told_how_long(openai):
    """Nothing was learned yet, so it takes as long as the documents say."""
    id = openai.video()["id"]

    assert openai.get(f"/videos/{id}")["openai-poll-after-ms"] == "5000"


def test_the_same_clip_is_there_in_both_shapes(openai, alice):
    ordered = API(alice).post("/generations", WORDS).json()

    assert look(openai, ordered["id"])["id"] == ordered["id"]
    assert API(alice).get(f"/generations/{openai.video()['id']}").status_code == 200


def test_what_belongs_to_others_is_not_there(openai, others, clip):
    id = clip.public_id

    for answer in (
        others.get(f"/videos/{id}"),
        others.get(f"/videos/{id}/content"),
        others.remix(id),
        others.delete(f"/videos/{id}"),
        openai.get("/videos/video_123"),
        openai.remix("video_123"),
    ):
        refused(answer, 404, "not_found")
    assert others.get("/videos").json()["data"] == []


def look(openai: OpenAI, id: str) -> dict[str, object]:
    response = openai.get(f"/videos/{id}")
    assert response.status_code == 200, response.content
    return dict(response.json())


# Listing


def test_a_list_goes_on_after_the_last_of_a_page(openai):
    ids = [openai.video()["id"] for _ in range(5)][::-1]

    first = openai.get("/videos?limit=3").json()
    second = openai.get(f"/videos?limit=3&after={first['last_id']}").json()

    assert first["object"] == "list"
    assert [one["id"] for one in first["data"]] == ids[:3]
    assert (first["has_more"], first["first_id"], first["last_id"]) == (True, ids[0], ids[2])
    assert [one["id"] for one in second["data"]] == ids[3:]
    assert second["has_more"] is False


def test_a_list_may_begin_with_the_oldest(openai):
    ids = [openai.video()["id"] for _ in range(3)]

    page = openai.get(f"/videos?order=asc&after={ids[0]}").json()

    assert [one["id"] for one in page["data"]] == ids[1:]


def test_a_list_of_nothing_has_no_first(openai):
    nothing = {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}

    assert openai.get("/videos").json() == nothing


def test_a_list_goes_on_after_what_was_deleted(openai, film):
    ids = [openai.video()["id"] for _ in range(2)]
    finished(Generation.objects.latest("id"), film)
    assert openai.delete(f"/videos/{ids[1]}").status_code == 200

    page = openai.get(f"/videos?after={ids[1]}").json()

    assert [one["id"] for one in page["data"]] == ids[:1]


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("limit=0", "min_value", "limit"),
        ("limit=101", "max_value", "limit"),
        ("limit=x", "invalid_value", "limit"),
        ("order=up", "invalid_value", "order"),
        ("after=video_123", "invalid_value", "after"),
        ("page=2", "unknown_parameter", "page"),
        ("limit=1&limit=2", "repeated", "limit"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(openai, query, code, param):
    refused(openai.get(f"/videos?{query}"), 400, code, param)


def test_a_longer_list_asks_the_database_no_more_often(openai):
    def asked() -> int:
        with queries() as statements:
            openai.get("/videos")
        return len(statements)

    openai.video()
    once = asked()
    for _ in range(4):
        openai.video()

    assert asked() == once


# Downloading


@pytest.mark.parametrize("query", ["", "?variant=video"])
def test_the_content_comes_whatever_is_accepted(openai, clip, film, query):
    response = openai.get(f"/videos/{clip.public_id}/content{query}", Accept="application/binary")

    assert (response.status_code, response["Content-Type"]) == (200, "video/mp4")
    assert response.body == film


def test_a_part_of_the_content(openai, clip, film):
    response = openai.get(f"/videos/{clip.public_id}/content", Range="bytes=4-7")

    assert (response.status_code, response.body) == (206, film[4:8])
    assert response["Content-Range"] == f"bytes 4-7/{len(film)}"


def test_the_thumbnail_is_a_picture(openai, clip):
    response = openai.get(f"/videos/{clip.public_id}/content?variant=thumbnail")

    assert response["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(response.body)).size == (128, 72)


def test_there_is_no_spritesheet(openai, clip):
    answer = openai.get(f"/videos/{clip.public_id}/content?variant=spritesheet")

    refused(answer, 400, "invalid_value", "variant")


def test_there_is_no_content_before_the_end_nor_after_a_failure(openai):
    id = openai.video()["id"]
    refused(openai.get(f"/videos/{id}/content"), 409, "not_finished")
    failed(the_only())
    refused(openai.get(f"/videos/{id}/content"), 404, "not_found")


# Deleting


def test_a_finished_video_is_deleted(openai, clip, alice, settings):
    id = clip.public_id

    response = openai.client.delete(  # as their client does: JSON is announced, nothing is sent
        f"/v1/videos/{id}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {openai.key}"},
    )

    assert response.status_code == 200
    assert response.json() == {"id": id, "object": "video.deleted", "deleted": True}
    refused(openai.get(f"/videos/{id}"), 404, "not_found")
    problem(API(alice).get(f"/generations/{id}"), 404, "not_found")
    assert not (settings.MEDIA_ROOT / clip.clip.name).exists()


def test_what_is_under_way_is_not_deleted(openai):
    id = openai.video()["id"]

    refused(openai.delete(f"/videos/{id}"), 409, "not_finished")


# Remixing


def test_a_remix_is_an_order_of_its_own_like_its_source_but_for_the_words(openai, wallet):
    source = openai.video(
        WORDS | {"seconds": "10", "prompt_optimizer": "false", "provider": "runware"}
    )
    response = openai.remix(source["id"])

    remix = response.json()
    assert response.status_code == 200
    assert response["openai-poll-after-ms"]
    assert remix["remixed_from_video_id"] == source["id"]
    assert (remix["prompt"], remix["seconds"]) == ("The same at night.", "10")
    one = Generation.objects.get(prompt="The same at night.")
    assert (one.prompt_optimizer, one.provider_requested) == (False, "runware")
    assert one.remix_of.public_id == source["id"]
    assert ledger.balance(wallet).held == 2 * 560_000


def test_a_remix_starts_from_the_same_frame_which_stays_with_whoever_needs_it(openai, film):
    source = openai.video(WORDS | {"input_reference": a_picture()})
    finished(the_only(), film)
    remix = openai.remix(source["id"]).json()

    assert openai.delete(f"/videos/{source['id']}").status_code == 200

    one = Generation.objects.get(deleted_at=None)
    assert (one.public_id, one.mode) == (remix["id"], "image-to-video")
    assert one.first_frame == Upload.objects.get()
    assert look(openai, remix["id"])["remixed_from_video_id"] == source["id"]
    refused(openai.remix(source["id"]), 404, "not_found")


def test_a_remix_starts_from_an_address_that_was_not_fetched_yet(openai):
    address = "https://images.example.org/kite.png"
    source = openai.json(WORDS | {"input_reference": {"image_url": address}}).json()

    assert openai.remix(source["id"]).status_code == 200
    assert {one.image_url for one in Generation.objects.all()} == {address}


def test_a_remix_has_todays_price_and_needs_the_money_for_it(openai, wallet):
    source = openai.video()
    available = ledger.balance(wallet).available
    ledger.adjust(wallet=wallet, amount=-available, key="spent", description="", actor="test")

    refused(openai.remix(source["id"]), 402, "insufficient_funds")
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_parameter", "prompt"),
        ({"prompt": " "}, "missing_required_parameter", "prompt"),
        ({"prompt": "x" * 2001}, "max_length", "prompt"),
        ({"prompt": "A kite", "seconds": "10"}, "unknown_parameter", "seconds"),
    ],
)
def test_a_remix_takes_words_and_nothing_else(openai, body, code, param):
    id = openai.video()["id"]

    refused(openai.post(f"/videos/{id}/remix", body), 400, code, param)
    assert Generation.objects.count() == 1


# Models


def test_the_models_are_ours(openai):
    listed = openai.get("/models").json()

    assert [one["id"] for one in listed["data"]] == ["hailuo-2.3", "hailuo-2.3-fast"]
    one = openai.get("/models/hailuo-2.3").json()
    assert one == listed["data"][0]
    assert (one["object"], one["owned_by"], type(one["created"])) == ("model", "minimax", int)
    refused(openai.get("/models/sora-2"), 404, "not_found")
