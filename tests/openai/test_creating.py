"""An order in OpenAI's words is the order it would be in ours."""

from __future__ import annotations

import pytest

from billing import ledger
from generations.models import Generation
from tests.api.tools import API, a_picture, data_uri, the_only
from tests.openai.tools import WORDS

pytestmark = pytest.mark.django_db

SHAPE = (
    "id object model status progress created_at completed_at expires_at seconds size prompt "
    "remixed_from_video_id error"
)


def test_a_video_is_ordered_with_a_form_and_its_price_held(openai, wallet):
    response = openai.create(WORDS | {"seconds": "10", "size": "1366x768"})

    video = response.json()
    assert (response.status_code, list(video)) == (200, SHAPE.split())
    one = the_only()
    assert video == {
        "id": one.public_id,
        "object": "video",
        "model": "hailuo-2.3",
        "status": "queued",
        "progress": 0,
        "created_at": int(one.created_at.timestamp()),
        "completed_at": None,
        "expires_at": None,
        "seconds": "10",
        "size": "1366x768",
        "prompt": WORDS["prompt"],
        "remixed_from_video_id": None,
        "error": None,
    }
    assert response["openai-poll-after-ms"] == "5000"
    assert ledger.balance(wallet).held == 560_000


def test_json_says_the_same_as_a_form(openai):
    form, json = openai.create(WORDS | {"seconds": "6"}), openai.json(WORDS | {"seconds": 6})

    differing = {"id", "created_at"}
    assert json.status_code == 200
    assert {k: v for k, v in json.json().items() if k not in differing} == {
        k: v for k, v in form.json().items() if k not in differing
    }


def test_a_prompt_alone_is_enough_and_every_default_is_explicit(openai):
    video = openai.video({"prompt": "A red kite"})

    assert (video["model"], video["seconds"], video["size"]) == ("hailuo-2.3", "6", "1366x768")
    one = the_only()
    assert (one.prompt_optimizer, one.watermark, one.output_format) == (True, False, "mp4")


@pytest.mark.parametrize(
    ("size", "resolution", "shown"),
    [
        ("1366x768", "768P", "1366x768"),
        ("768P", "768P", "1366x768"),
        ("1280x720", "768P", "1366x768"),
        ("1920x1080", "1080P", "1920x1080"),
        ("1080P", "1080P", "1920x1080"),
    ],
)
def test_a_size_is_one_of_our_resolutions(openai, size, resolution, shown):
    assert openai.video(WORDS | {"size": size})["size"] == shown
    assert the_only().resolution == resolution


def test_a_portrait_starts_from_a_portrait(openai):
    portrait = WORDS | {"size": "720x1280", "input_reference": a_picture(400, 640)}

    assert openai.create(portrait).status_code == 200
    assert (the_only().mode, the_only().resolution) == ("image-to-video", "768P")


def test_a_first_frame_comes_as_a_file_that_nobody_named(openai, settings):
    video = openai.video(WORDS | {"model": "hailuo-2.3-fast", "input_reference": a_picture()})

    one = the_only()
    assert (video["model"], one.mode, one.quoted) == ("hailuo-2.3-fast", "image-to-video", 190_000)
    assert (settings.MEDIA_ROOT / one.first_frame.name).exists()


def test_a_first_frame_is_referred_to_as_their_documents_say(openai, alice):
    upload = API(alice).upload(a_picture()).json()["id"]
    address = "https://images.example.org/kite.png"
    given = [
        {"file_id": upload},
        {"image_url": data_uri(a_picture())},
        {"image_url": address, "file_id": None},
        address,
    ]

    for reference in given:
        response = openai.json(WORDS | {"input_reference": reference})
        assert response.status_code == 200, response.content
    assert openai.create(WORDS | {"input_reference[image_url]": address}).status_code == 200
    assert openai.create(WORDS | {"first_frame_image": address}).status_code == 200

    ones = list(Generation.objects.order_by("id"))
    assert {one.mode for one in ones} == {"image-to-video"}
    assert [bool(one.first_frame_id) for one in ones] == [True, True, False, False, False, False]
    assert [one.image_url for one in ones[2:]] == [address] * 4


def test_fields_of_ours_are_taken_beside_theirs(openai):
    ours = {
        "provider": "runware",
        "policy": "fastest",
        "max_price": "0.3",
        "prompt_optimizer": "false",
        "watermark": "false",
        "metadata[order]": "A-1",
        "metadata[to]": "Åse",
        "tags[]": ["harbour", "dawn"],
    }
    openai.video(WORDS | ours)
    openai.json(
        WORDS | {"prompt_optimizer": False, "provider": "runware", "tags": [], "metadata": {"n": 1}}
    )

    form, json = Generation.objects.order_by("id")
    assert (form.provider_requested, form.policy, form.max_price) == ("runware", "fastest", 300_000)
    assert (form.prompt_optimizer, form.watermark) == (False, False)
    assert (form.metadata, form.tags) == ({"order": "A-1", "to": "Åse"}, ["harbour", "dawn"])
    assert (json.prompt_optimizer, json.tags, json.metadata) == (False, [], {"n": 1})


@pytest.mark.parametrize("word", ["false", "False"])
def test_a_switch_in_a_form_is_spelled_as_clients_spell_it(openai, word):
    openai.video(WORDS | {"prompt_optimizer": word, "watermark": word})

    one = the_only()
    assert (one.prompt_optimizer, one.watermark) == (False, False)


def test_null_is_as_good_as_nothing(openai):
    nothing = dict.fromkeys(["model", "seconds", "size", "input_reference"])

    assert openai.json({"prompt": "A kite"} | nothing).status_code == 200


def test_a_quoted_price_is_kept(openai, alice):
    quote = API(alice).post("/quotes", {"model": "hailuo-2.3"}).json()

    openai.video(WORDS | {"quote": quote["id"]})

    assert the_only().quote_id is not None
