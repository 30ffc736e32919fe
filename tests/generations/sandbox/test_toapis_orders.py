"""What ToAPIs accepts, and what it then says (seed 003, providers.md 3)."""

from __future__ import annotations

import re
import time

import av
import pytest

from tests.generations.sandbox.house_single import ToAPIs
from tests.generations.sandbox.pictures import a_data_uri, an_image

EXAMPLE_IMAGE = "https://example.com/first-frame.jpg"
FAST = "MiniMax-Hailuo-2.3-Fast"


@pytest.fixture
def toapis(house):
    return ToAPIs(house)


#: The five kinds of request that seed 003 names, and the older form of providers.md 3.2.
EXAMPLES = {
    "text": {"duration": None, "resolution": None},
    "image": {"image_urls": [EXAMPLE_IMAGE]},
    "fast": {"model": FAST, "image_urls": [EXAMPLE_IMAGE]},
    "camera": {"prompt": "A cat in a garden [Push in], then it looks at the camera [Static shot]"},
    "long": {"duration": 10},
    "full-hd": {"resolution": "1080P"},
    "settings": {
        "metadata": {"prompt_optimizer": True, "fast_pretreatment": False, "watermark": False}
    },
    "old": {"resolution": None, "metadata": {"resolution": "1080p", "watermark": False}},
    "old-image": {"first_frame_image": EXAMPLE_IMAGE},
    "older-image": {"metadata": {"first_frame_image": EXAMPLE_IMAGE}},
}


@pytest.mark.parametrize("changes", EXAMPLES.values(), ids=EXAMPLES)
def test_every_documented_request_is_accepted(toapis, changes):
    toapis.set(never=True)

    answer = toapis.post(toapis.an_order(**changes))

    assert answer.status_code == 200
    assert answer.json()["status"] == "queued"


def test_the_acknowledgement_has_the_documented_shape(toapis):
    answer = toapis.post(toapis.an_order(prompt="Waves [[never]]")).json()

    assert re.fullmatch(r"vid_[0-9A-HJKMNP-TV-Z]{26}", answer["id"])
    assert abs(answer["created_at"] - time.time()) < 5
    assert isinstance(answer["created_at"], int)
    assert answer == {
        "id": answer["id"],
        "object": "generation.task",
        "model": "MiniMax-Hailuo-2.3",
        "status": "queued",
        "progress": 0,
        "created_at": answer["created_at"],
        "metadata": {},
    }


def test_the_old_form_gets_its_resolution_back(toapis):
    old = {"resolution": None, "metadata": {"resolution": "768p", "prompt_optimizer": True}}

    answer = toapis.post(toapis.an_order(**old)).json()

    assert answer["metadata"] == {"resolution": "768p"}


def test_a_task_is_queued_then_in_progress_then_completed(toapis):
    task = toapis.submit("Waves [[stock, slow=1.2]]")

    first = toapis.look(task).json()
    time.sleep(0.6)
    second = toapis.look(task).json()
    last = toapis.ended(task)

    assert (first["status"], first["progress"]) == ("queued", 0)
    assert second["status"] == "in_progress"
    assert 10 <= second["progress"] <= 99
    assert last == {
        "id": task,
        "object": "generation.task",
        "model": "MiniMax-Hailuo-2.3",
        "status": "completed",
        "progress": 100,
        "created_at": first["created_at"],
        "completed_at": last["completed_at"],
        "expires_at": last["completed_at"] + 86400,
        "result": {"type": "video", "data": [{"url": toapis.address(last), "format": "mp4"}]},
    }


def test_the_clip_is_a_video_at_an_address_that_ends_when_it_says(toapis):
    body = toapis.ended(toapis.submit("Waves [[stock]]"))

    address = toapis.address(body)

    assert toapis.house.client.get(address).content[4:8] == b"ftyp"
    assert f"expires={body['expires_at']}" in address


def test_a_failed_task_says_why_and_costs_nothing(toapis):
    task = toapis.submit("Waves [[fail]]")

    body = toapis.ended(task)

    assert body["status"] == "failed"
    assert body["error"] == {"code": "generation_failed", "message": "Video generation failed"}
    assert "result" not in body
    assert toapis.house.job(task)["billed"] == 0


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({}, 280_000),
        ({"duration": 10}, 560_000),
        ({"resolution": "1080P"}, 490_000),
        ({"model": FAST, "image_urls": [EXAMPLE_IMAGE]}, 190_000),
        ({"model": FAST, "image_urls": [EXAMPLE_IMAGE], "duration": 10}, 320_000),
        ({"model": FAST, "image_urls": [EXAMPLE_IMAGE], "resolution": "1080P"}, 330_000),
    ],
)
def test_a_clip_is_billed_by_the_assumed_table(toapis, changes, price):
    toapis.set(fail_billed=True)

    task = toapis.submit("Waves [[fail]]", **changes)

    assert toapis.ended(task)["status"] == "failed"
    assert toapis.house.job(task)["billed"] == price
    assert toapis.counter("billed_micro") == price


def test_an_unknown_task_is_404(toapis):
    answer = toapis.look("vid_01J9HA7JPQ9A0Z6JZ3V8M9W6PZ")

    assert answer.status_code == 404
    assert answer.json() == {
        "error": {"code": 404, "message": "Task not found", "type": "not_found_error"}
    }


@pytest.mark.parametrize("header", ["", "Bearer", "Basic key", "key", "Bearer bad"])
def test_without_a_good_key_nothing_is_answered(toapis, header):
    toapis.house.control("POST", "keys", provider="toapis", bad=["bad"])
    task = toapis.submit("Waves [[never]]")
    wrong = {"Authorization": header}

    answers = [toapis.post(toapis.an_order(), **wrong), toapis.look(task, **wrong)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json()["error"]["code"] == 401
    assert answers[0].json()["error"]["type"] == "authentication_error"
    assert toapis.counter("submits") == 1


def test_an_empty_account_orders_nothing(toapis):
    toapis.house.control("POST", "balance", provider="toapis", usd=0.5)
    first = toapis.submit("Waves [[never]]")

    answer = toapis.post(toapis.an_order())

    assert (answer.status_code, toapis.refusal(answer)) == (402, "insufficient_quota")
    assert toapis.house.job(first)["state"] == "rendering"
    assert toapis.last()["state"] == "refused"


def test_what_happened_is_counted(toapis):
    toapis.ended(toapis.submit("Waves [[stock]]"))
    toapis.ended(toapis.submit("Waves [[fail]]"))
    toapis.post(toapis.an_order(duration=7))

    names = ("submits", "accepted", "refused", "succeeded", "failed", "billed_micro", "polls")

    assert [toapis.counter(name) for name in names] == [3, 2, 1, 1, 1, 280_000, 2]
    assert toapis.counter("requests") == 5


REFUSALS = [
    ({"model": None}, "model is required"),
    ({"model": "MiniMax-Hailuo-02"}, "model must be"),
    ({"prompt": None}, "prompt is required"),
    ({"prompt": ""}, "prompt must be"),
    ({"prompt": "a" * 2001}, "prompt must be"),
    ({"prompt": 5}, "prompt must be"),
    ({"duration": 7}, "duration must be"),
    ({"duration": "6"}, "duration must be"),
    ({"duration": 6.0}, "duration must be"),
    ({"resolution": "768p"}, "resolution must be"),
    ({"resolution": "720P"}, "resolution must be"),
    ({"resolution": "1080P", "duration": 10}, "6 seconds only"),
    ({"model": FAST}, "image_urls is required"),
    ({"image_urls": []}, "exactly 1 image"),
    ({"image_urls": [EXAMPLE_IMAGE, EXAMPLE_IMAGE]}, "exactly 1 image"),
    ({"image_urls": [5]}, "exactly 1 image"),
    ({"image_urls": EXAMPLE_IMAGE}, "image_urls must be"),
    ({"image_urls": [a_data_uri(an_image())]}, "base64 is not supported"),
    ({"image_urls": ["/9j/4AAQSkZJRg=="]}, "base64 is not supported"),
    ({"first_frame_image": a_data_uri(an_image())}, "base64 is not supported"),
    ({"image_urls": ["https://example.com/other.jpg"]}, "fetches images from this machine"),
    ({"image_urls": [EXAMPLE_IMAGE], "first_frame_image": EXAMPLE_IMAGE}, "more than once"),
    ({"metadata": {"resolution": "768p"}}, "more than once"),
    ({"metadata": []}, "metadata must be"),
    ({"metadata": {"watermark": "no"}}, "metadata.watermark must be"),
    ({"metadata": {"seed": 1}}, "metadata.seed is not a known parameter"),
    ({"aspect_ratio": "16:9"}, "aspect_ratio is not a known parameter"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSALS)
def test_an_order_against_the_rules_is_refused_in_the_documented_shape(toapis, changes, message):
    answer = toapis.post(toapis.an_order(**changes))

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == (400, "invalid_request")
    assert message in error["message"]
    assert toapis.last()["state"] == "refused"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(toapis, content):
    path = "/toapis/v1/videos/generations"

    answer = toapis.house.client.post(path, content=content, headers=toapis.auth)

    assert (answer.status_code, toapis.refusal(answer)) == (400, "invalid_request")


def test_a_clip_has_the_size_and_length_that_were_ordered(toapis):
    body = toapis.ended(toapis.submit("Waves [[stock]]", resolution="1080P"))

    path = toapis.house.state / "clip.mp4"
    path.write_bytes(toapis.house.client.get(toapis.address(body)).content)

    with av.open(str(path)) as clip:
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == (1920, 1080)
        assert clip.duration == 6_000_000
