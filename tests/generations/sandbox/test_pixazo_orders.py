"""What Pixazo accepts, and what it then says (seed 004, providers.md 4)."""

from __future__ import annotations

import base64
import re
import time
from datetime import UTC, datetime

import av
import pytest

from tests.generations.sandbox.house_single import Pixazo
from tests.generations.sandbox.pictures import a_data_uri, an_image

BUCKET = "https://pub-582b7213209642b9b995c96c95a30381.r2.dev"
PICTURE = f"{BUCKET}/manwithbear.jpg"

#: The two examples of seed 004, as they stand there; the long prompt shortened.
BEAR = {
    "prompt": "A high-energy scene of a large, muscular bear leaping into a fast-flowing river.",
    "duration": 6,
    "resolution": "768P",
    "prompt_optimizer": True,
    "fast_pretreatment": False,
    "aigc_watermark": False,
}
CAVE = {
    "prompt": "Man walked into winter cave with polar bear",
    "first_frame_image": PICTURE,
    "duration": 6,
    "resolution": "768P",
    "prompt_optimizer": True,
    "fast_pretreatment": False,
    "aigc_watermark": False,
}

HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-cache"}


@pytest.fixture
def pixazo(house):
    return Pixazo(house)


@pytest.mark.parametrize(("form", "example"), [("generate", BEAR), ("imageToVideo", CAVE)])
def test_the_documented_examples_are_accepted(pixazo, form, example):
    pixazo.set(never=True)

    answer = pixazo.post_to(form, example, **HEADERS)

    job = pixazo.id_of(answer)
    assert answer.status_code == 202
    assert answer.json() == {
        "request_id": job,
        "status": "QUEUED",
        "polling_url": f"{pixazo.house.url}/pixazo/v2/requests/status/{job}",
    }


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("generate", {"prompt": "A bear"}),
        ("generate", {"prompt": "A bear", "duration": 10.0, "callback_url": "https://a.example/"}),
        ("imageToVideo", {"prompt": "A bear", "first_frame_image": a_data_uri(an_image())}),
        ("imageToVideo", {**CAVE, "resolution": "1080P", "callback_url": "https://a.example/"}),
    ],
)
def test_every_documented_parameter_is_accepted(pixazo, form, body):
    pixazo.set(never=True)

    assert pixazo.post_to(form, body).status_code == 202


def test_a_request_id_is_the_model_and_a_timed_uuid(pixazo):
    before = int(time.time() * 1000)

    job = pixazo.submit("Waves [[never]]")

    found = re.fullmatch(r"minimax-hailuo-ai_(.{8})-(.{4})-7.{3}-[89ab].{3}-.{12}", job)
    assert found
    assert 0 <= int(found[1] + found[2], 16) - before < 5000


def test_a_request_is_queued_then_processing_then_completed(pixazo):
    job = pixazo.submit("Waves [[stock, slow=1.2]]")

    first = pixazo.look(job).json()
    time.sleep(0.6)
    second = pixazo.look(job).json()
    last = pixazo.ended(job)

    assert first == {
        "request_id": job,
        "status": "QUEUED",
        "model_id": "minimax-hailuo-ai",
        "error": None,
        "output": None,
        "created_at": first["created_at"],
        "updated_at": first["created_at"],
        "completed_at": None,
    }
    assert (second["status"], second["completed_at"]) == ("PROCESSING", None)
    assert last == {
        "request_id": job,
        "status": "COMPLETED",
        "model_id": "minimax-hailuo-ai",
        "error": None,
        "output": {
            "media_url": [pixazo.address(last)],
            "media_type": "application/octet-stream",
        },
        "created_at": first["created_at"],
        "updated_at": last["completed_at"],
        "completed_at": last["completed_at"],
    }


def test_times_are_written_as_documented(pixazo):
    body = pixazo.ended(pixazo.submit("Waves [[stock]]"))

    for name in ("created_at", "updated_at", "completed_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body[name])
    created = datetime.fromisoformat(body["created_at"])
    assert abs((datetime.now(UTC) - created).total_seconds()) < 10


def test_the_clip_is_a_video_at_a_public_address(pixazo):
    address = pixazo.address(pixazo.ended(pixazo.submit("Waves [[stock]]")))

    assert "?" not in address
    assert pixazo.house.client.get(address).content[4:8] == b"ftyp"


def test_an_image_decides_the_shape_of_the_clip(pixazo):
    order = {
        **CAVE,
        "prompt": "Waves [[stock]]",
        "first_frame_image": a_data_uri(an_image(640, 400)),
    }
    job = pixazo.id_of(pixazo.post_to("imageToVideo", order))

    path = pixazo.house.state / "wide.mp4"
    path.write_bytes(pixazo.house.client.get(pixazo.address(pixazo.ended(job))).content)

    with av.open(str(path)) as clip:
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == (1228, 768)


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({}, 350_000),
        ({"resolution": "1080P"}, 350_000),
        ({"duration": 10}, 600_000),
        ({"duration": None, "resolution": None}, 350_000),
    ],
)
def test_a_clip_costs_the_same_at_every_resolution(pixazo, changes, price):
    job = pixazo.submit("Waves [[stock]]", **changes)

    assert pixazo.ended(job)["status"] == "COMPLETED"
    assert pixazo.house.job(job)["billed"] == price
    assert pixazo.counter("billed_micro") == price


def test_what_upstream_cannot_do_is_accepted_and_then_fails(pixazo):
    job = pixazo.submit("Waves [[stock]]", resolution="1080P", duration=10)

    body = pixazo.ended(job)

    assert (body["status"], body["output"]) == ("FAILED", None)
    assert "1080P" in body["error"]
    assert body["completed_at"]
    assert pixazo.house.job(job)["billed"] == 0


@pytest.mark.parametrize(("knob", "billed"), [("fail", 350_000), ("system-error", 0)])
def test_a_failure_may_be_billed_but_a_system_error_never_is(pixazo, knob, billed):
    free = pixazo.submit(f"Waves [[{knob}]]")
    charged = pixazo.submit(f"Waves [[{knob}, fail-billed]]")

    pixazo.ended(free)
    pixazo.ended(charged)

    assert pixazo.house.job(free)["billed"] == 0
    assert pixazo.house.job(charged)["billed"] == billed
    assert pixazo.house.job(charged)["state"] == "failed"


def test_a_system_error_has_the_documented_shape(pixazo):
    job = pixazo.submit("Waves [[system-error]]")

    assert pixazo.ended(job) == {
        "request_id": job,
        "status": "ERROR",
        "model_id": "minimax-hailuo-ai",
        "error": "An internal error occurred in the queue",
        "output": None,
    }


def test_an_empty_wallet_is_refused_in_the_documented_words(pixazo):
    pixazo.house.control("POST", "balance", provider="pixazo", usd=0.34)

    answer = pixazo.post(pixazo.an_order())

    assert answer.status_code == 402
    assert answer.json() == {
        "error": "Insufficient Balance",
        "message": "Your wallet does not have enough balance.",
    }


@pytest.mark.parametrize(
    ("path", "name"), [("sora/v1/generate", "sora"), ("minimax-hailuo-ai/v1/extend", "extend")]
)
def test_an_unknown_model_is_400_in_the_documented_words(pixazo, path, name):
    answer = pixazo.house.client.post(f"/pixazo/{path}", json=BEAR, headers=pixazo.auth)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "Model not found",
        "message": f"Model '{name}' not found or is disabled",
    }


def test_an_unknown_request_is_404(pixazo):
    answer = pixazo.look("minimax-hailuo-ai_0190a0a0-0000-7000-8000-000000000000")

    assert (answer.status_code, pixazo.refusal(answer)) == (404, "Request not found")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer key"}, {"Ocp-Apim-Subscription-Key": "bad"}],
)
def test_without_a_good_subscription_key_nothing_is_answered(pixazo, headers):
    pixazo.house.control("POST", "keys", provider="pixazo", bad=["bad"])
    job = pixazo.submit("Waves [[never]]")
    client = pixazo.house.client

    answers = [
        client.post("/pixazo/minimax-hailuo-ai/v1/generate", json=BEAR, headers=headers),
        client.get(f"/pixazo/v2/requests/status/{job}", headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json().keys() == {"error", "message"}


def test_what_happened_is_counted(pixazo):
    pixazo.ended(pixazo.submit("Waves [[stock]]"))
    pixazo.ended(pixazo.submit("Waves [[fail]]"))
    pixazo.post(pixazo.an_order(duration=7))

    names = ("submits", "accepted", "refused", "succeeded", "failed", "billed_micro", "polls")

    assert [pixazo.counter(name) for name in names] == [3, 2, 1, 1, 1, 350_000, 2]
    assert pixazo.counter("requests") == 5


REFUSALS = [
    ("generate", {"prompt": None}, "prompt is required"),
    ("generate", {"prompt": "a" * 2001}, "prompt must be"),
    ("generate", {"prompt": ["a"]}, "prompt must be"),
    ("generate", {"duration": 7}, "duration must be"),
    ("generate", {"duration": "6"}, "duration must be"),
    ("generate", {"duration": True}, "duration must be"),
    ("generate", {"resolution": "768p"}, "resolution must be"),
    ("generate", {"prompt_optimizer": 1}, "prompt_optimizer must be"),
    ("generate", {"first_frame_image": PICTURE}, "not a known parameter"),
    ("generate", {"model": "MiniMax-Hailuo-2.3"}, "not a known parameter"),
    ("generate", {"callback_url": 5}, "callback_url must be"),
    ("imageToVideo", {}, "first_frame_image is required"),
    ("imageToVideo", {"first_frame_image": PICTURE, "duration": 6.0}, "the integer 6 or 10"),
    ("imageToVideo", {"first_frame_image": ""}, "first_frame_image must be"),
    ("imageToVideo", {"first_frame_image": [PICTURE]}, "first_frame_image must be"),
    (
        "imageToVideo",
        {"first_frame_image": base64.b64encode(an_image()).decode()},
        "first_frame_image must be",
    ),
    ("imageToVideo", {"first_frame_image": "https://example.com/a.jpg"}, "from this machine"),
    ("imageToVideo", {"first_frame_image": a_data_uri(an_image(700, 300))}, "short side"),
    ("imageToVideo", {"first_frame_image": a_data_uri(b"no image")}, "not a readable"),
]


@pytest.mark.parametrize(("form", "changes", "message"), REFUSALS)
def test_an_order_against_the_rules_is_refused_with_two_strings(pixazo, form, changes, message):
    answer = pixazo.post_to(form, pixazo.an_order(**changes))

    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"
    assert message in answer.json()["message"]
    assert pixazo.last()["state"] == "refused"


def test_a_body_that_is_no_object_is_refused(pixazo):
    answer = pixazo.post(["prompt"])

    assert (answer.status_code, pixazo.refusal(answer)) == (400, "Bad Request")
