"""What Cloudflare accepts, refuses and says: one call that blocks (seeds 000, 001)."""

from __future__ import annotations

import base64
import re
import signal
import time

import av
import httpx
import pytest

from tests.generations.sandbox.house import eventually
from tests.generations.sandbox.house_cloudflare import (
    KEY,
    ROOT,
    Cloudflare,
    an_order,
    inner,
    refusal,
)
from tests.generations.sandbox.pictures import a_data_uri, an_image

pytestmark = pytest.mark.slow

FAST = "minimax/hailuo-2.3-fast"
IMAGE = a_data_uri(an_image())
REPLICATE = "https://replicate.delivery/xezq"

#: Every example of seeds 000 and 001. Those of 001 leave out what is marked as required.
EXAMPLES = {
    "plain": an_order("A golden retriever playing fetch on a sandy beach at sunset"),
    "high-resolution": an_order("A professional chef preparing sushi", resolution="1080P"),
    "image-to-video": an_order(
        "Slowly zoom in with subtle parallax movement, gentle atmospheric motion",
        first_frame_image=f"{REPLICATE}/MQpUhqkESIIQDlWUxtNcsznZLfUTmhEbCV3vdAZGHGPwwaMLA/"
        "tmpgl4gvv5n.jpeg",
    ),
    "fast-processing": an_order("Fireworks over a city skyline", fast_pretreatment=True),
    "fast": {
        "model": FAST,
        "input": {
            "first_frame_image": f"{REPLICATE}/MQpUhqkESIIQDlWUxtNcsznZLfUTmhEbCV3vdAZGHGPwwaMLA/"
            "tmpgl4gvv5n.jpeg",
            "prompt": "Gentle movement and subtle animation, natural-looking motion",
            "duration": 6,
            "resolution": "768P",
        },
    },
    "fast-high-resolution": {
        "model": FAST,
        "input": {
            "first_frame_image": f"{REPLICATE}/IeNNble3XUqhpUZTd3CkYTUf8EgkFU1fl1Jnyive3B26MsGzC/"
            "tmp51dpln4i.jpeg",
            "prompt": "Camera slowly pans across the scene with cinematic depth of field",
            "duration": 6,
            "resolution": "1080P",
        },
    },
    "fast-pretreatment": {
        "model": FAST,
        "input": {
            "first_frame_image": f"{REPLICATE}/jfh37lJpnDQhaKcAfCrxSCEh7HA7lv5cCWmJW284tYXwh1YWA/"
            "tmpw2i437qe.jpeg",
            "prompt": "Hair blowing in the wind, eyes blinking naturally",
            "duration": 6,
            "resolution": "768P",
            "fast_pretreatment": True,
            "callback_url": "https://example.com/hook",
        },
    },
}


@pytest.fixture
def cloudflare(house):
    return Cloudflare(house)


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_every_documented_call_is_answered_with_a_video(cloudflare, example):
    cloudflare.set(stock=True)

    found = inner(cloudflare.run(example))

    output = found["result"]
    assert found == {
        "gatewayMetadata": {"keySource": "Unified"},
        "result": {"status": "Success", "task_id": output["task_id"], "video": output["video"]},
        "state": "Completed",
    }
    assert re.fullmatch(r"\d{15}", output["task_id"])
    assert cloudflare.house.client.get(output["video"]).headers["Content-Type"] == "video/mp4"
    assert cloudflare.house.job(output["task_id"])["state"] == "succeeded"


REFUSED = {
    # what is sent, HTTP status and code
    "no-model": ({"input": {}}, (400, 3003)),
    "model": (an_order(model="minimax/hailuo-02"), (400, 5007)),
    "no-input": ({"model": FAST}, (400, 3003)),
    "text-input": ({"model": FAST, "input": "a cat"}, (400, 7003)),
    "beside-input": ({**an_order(), "gateway": {"id": "x"}}, (400, 7003)),
    "prompt": (an_order(prompt=5), (400, 7003)),
    "long-prompt": (an_order("a" * 2001), (400, 7003)),
    "seconds": (an_order(duration=7), (400, 7003)),
    "text-seconds": (an_order(duration="6"), (400, 7003)),
    "resolution": (an_order(resolution="768p"), (400, 7003)),
    "optimizer": (an_order(prompt_optimizer="yes"), (400, 7003)),
    "watermark": (an_order(aigc_watermark=False), (400, 7003)),
    "callback": (an_order(callback_url="https://example.com/"), (400, 7003)),
    "fast-without-image": (an_order(model=FAST), (400, 3003)),
    "bare-base64": (
        an_order(first_frame_image=base64.b64encode(an_image()).decode()),
        (400, 5004),
    ),
    "no-picture": (an_order(first_frame_image=a_data_uri(b"no picture")), (400, 7003)),
    "small-picture": (an_order(first_frame_image=a_data_uri(an_image(400, 300))), (400, 7003)),
    "huge-picture": (an_order(first_frame_image=IMAGE + "A" * 28_000_000), (413, 3006)),
}


@pytest.mark.parametrize(("body", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_call_against_the_schema_is_refused_in_the_envelope(cloudflare, body, expected):
    assert refusal(cloudflare.run(body)) == expected
    assert cloudflare.jobs() == []
    assert cloudflare.counter("refused") == 1


@pytest.mark.parametrize(
    "body",
    [
        an_order(resolution="1080P", duration=10),
        an_order(prompt=None),
        an_order(prompt=""),
    ],
    ids=["long-full-hd", "no-prompt", "empty-prompt"],
)
def test_what_only_the_model_refuses_fails_with_http_200(cloudflare, body):
    found = inner(cloudflare.run(body))

    assert found["state"] == "Failed"
    assert found["error"]["code"] == "2013"
    assert found["model"] == "minimax/hailuo-2.3"
    assert cloudflare.jobs() == []


def test_what_is_no_json_object_is_refused(cloudflare):
    answer = cloudflare.house.client.post(f"{ROOT}/a/ai/run", content=b"[1", headers=KEY)

    assert refusal(answer) == (400, 7003)


def test_a_key_is_needed_and_must_be_good(cloudflare):
    cloudflare.house.control("POST", "keys", provider="cloudflare", bad=["stolen"])

    without = cloudflare.run(an_order(), Authorization="")
    stolen = cloudflare.run(an_order(), Authorization="Bearer stolen")

    assert refusal(without) == refusal(stolen) == (401, 10000)


def test_the_call_blocks_for_the_whole_render(cloudflare):
    began = time.monotonic()

    inner(cloudflare.run(an_order("Waves [[stock, slow=0.8]]")))

    assert time.monotonic() - began >= 0.8


def test_many_calls_block_at_the_same_time(cloudflare):
    began = time.monotonic()

    calls = [cloudflare.begin(an_order("Waves [[stock, slow=1]]")) for _ in range(8)]

    assert len({inner(call.result())["result"]["task_id"] for call in calls}) == 8
    assert time.monotonic() - began < 4


def test_a_client_that_goes_away_stops_nothing(cloudflare):
    job = cloudflare.abandon(an_order("Waves [[stock, slow=0.4]]"), "order-1")

    assert cloudflare.tagged("order-1") == []
    assert cloudflare.last()["uuid"] == job
    assert cloudflare.last()["billed"] == 280_000
    (row,) = cloudflare.tagged("order-1")
    said = cloudflare.log(row["id"], "/response").json()
    assert said["result"]["task_id"] == job
    assert cloudflare.house.client.get(said["result"]["video"]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "size", "price"),
    [
        ({}, (1366, 768), 280_000),
        ({"duration": 10.0}, (1366, 768), 560_000),
        ({"resolution": "1080P"}, (1920, 1080), 490_000),
        ({"model": FAST, "first_frame_image": IMAGE}, (1228, 768), 190_000),
    ],
)
def test_the_clip_is_as_ordered_and_billed_as_listed(cloudflare, changes, size, price):
    output = inner(cloudflare.run(an_order("Waves [[stock, slow=0]]", **changes)))["result"]

    path = cloudflare.house.state / "ordered.mp4"
    path.write_bytes(cloudflare.house.client.get(output["video"]).content)
    with av.open(str(path)) as clip:
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == size
        assert clip.duration == changes.get("duration", 6) * 1_000_000
    assert cloudflare.house.job(output["task_id"])["billed"] == price
    assert cloudflare.counter("billed_micro") == price


def test_without_credit_nothing_is_accepted(cloudflare):
    cloudflare.house.control("POST", "balance", provider="cloudflare", usd=0.2)

    assert refusal(cloudflare.run(an_order())) == (402, 2021)


def test_the_credit_is_told_in_cents(cloudflare):
    inner(cloudflare.run(an_order()))

    answer = cloudflare.credit()

    found = inner(answer)
    assert found["balance"] == 99972.0
    assert found["has_default_payment_method"] is True
    assert isinstance(found["topup_config"], dict)


def test_jobs_and_counters_are_told_as_of_any_company(cloudflare):
    task = inner(cloudflare.run(an_order("Waves at dawn [[stock]]")))["result"]["task_id"]
    cloudflare.run(an_order(duration=7))

    job = cloudflare.house.job(task)

    assert (job["provider"], job["state"], job["posts"]) == ("cloudflare", "succeeded", 1)
    assert (job["prompt"], job["billed"]) == ("Waves at dawn [[stock]]", 280_000)
    assert cloudflare.counter("requests") == cloudflare.counter("submits") == 2
    assert cloudflare.counter("accepted") == cloudflare.counter("succeeded") == 1
    assert cloudflare.counter("refused") == 1


def test_killed_it_finishes_what_it_had_accepted_and_logs_it(own_house):
    cloudflare = Cloudflare(own_house)
    call = cloudflare.begin(an_order("Waves [[stock, slow=1]]"), "order-1")
    eventually(lambda: cloudflare.jobs())

    own_house.stop(signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        call.result()
    own_house.start()

    assert cloudflare.last()["billed"] == 280_000
    (row,) = cloudflare.tagged("order-1")
    assert (row["success"], row["cost"]) == (True, 0.28)


def test_it_stops_at_once_although_calls_are_blocked(own_house):
    cloudflare = Cloudflare(own_house)
    call = cloudflare.begin(an_order("Waves [[never]]"))
    eventually(lambda: cloudflare.jobs())

    assert own_house.stop() < 2
    with pytest.raises(httpx.TransportError):
        call.result()
