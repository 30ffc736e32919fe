"""What MiniMax accepts, refuses and says: three calls, HTTP 200 for everything (providers.md 6)."""

from __future__ import annotations

import base64
import re
import signal
import time
from urllib.parse import parse_qs, urlsplit

import av
import pytest

from tests.generations.sandbox.house_minimax import SUCCESS, MiniMax, an_order, code
from tests.generations.sandbox.pictures import a_data_uri, an_image

pytestmark = pytest.mark.slow

FAST = "MiniMax-Hailuo-2.3-Fast"
IMAGE = a_data_uri(an_image())


@pytest.fixture
def minimax(house):
    return MiniMax(house)


ACCEPTED = {
    "least": {
        "prompt_optimizer": None,
        "fast_pretreatment": None,
        "duration": None,
        "resolution": None,
    },
    "long": {"duration": 10},
    "full-hd": {"resolution": "1080P"},
    "image": {"first_frame_image": IMAGE},
    "fast": {"model": FAST, "first_frame_image": IMAGE},
    "image-alone": {"prompt": None, "first_frame_image": IMAGE},
    "watermark": {"aigc_watermark": True},
    "camera": {"prompt": "A cat [Pan left, Pedestal up], then it looks up [Static shot]"},
    "longest-prompt": {"prompt": "a" * 2000},
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_every_documented_order_is_accepted(minimax, changes):
    minimax.set(never=True)

    answer = minimax.post(an_order(**changes))

    assert answer.status_code == 200
    assert answer.json() == {"task_id": answer.json()["task_id"], "base_resp": SUCCESS}
    assert re.fullmatch(r"\d{15}", answer.json()["task_id"])


REFUSED = {
    "no-model": {"model": None},
    "model": {"model": "MiniMax-Hailuo-02"},
    "prompt": {"prompt": 5},
    "long-prompt": {"prompt": "a" * 2001},
    "nothing": {"prompt": None},
    "empty-prompt": {"prompt": ""},
    "seconds": {"duration": 7},
    "text-seconds": {"duration": "6"},
    "float-seconds": {"duration": 6.0},
    "resolution": {"resolution": "768p"},
    "long-full-hd": {"resolution": "1080P", "duration": 10},
    "optimizer": {"prompt_optimizer": "yes"},
    "pretreatment": {"fast_pretreatment": 1},
    "watermark": {"aigc_watermark": None, "watermark": True},
    "last-frame": {"last_frame_image": IMAGE},
    "seed": {"seed": 5},
    "fast-without-image": {"model": FAST},
    "bare-base64": {"first_frame_image": base64.b64encode(an_image()).decode()},
    "no-picture": {"first_frame_image": a_data_uri(b"no picture")},
    "flat-picture": {"first_frame_image": a_data_uri(an_image(1000, 350))},
    "small-picture": {"first_frame_image": a_data_uri(an_image(400, 300))},
    "far-picture": {"first_frame_image": "https://example.com/first.jpg"},
    "far-callback": {"callback_url": "https://example.com/hook"},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_an_order_against_the_rules_is_refused_with_http_200(minimax, changes):
    answer = minimax.post(an_order(**changes))

    assert code(answer) == 2013
    assert answer.json()["task_id"] == ""
    assert answer.json()["base_resp"]["status_msg"].startswith("invalid params, ")
    assert minimax.counter("accepted") == 0
    assert minimax.counter("refused") == 1


@pytest.mark.parametrize("content", [b"", b"[1", b"[]", b'"text"'])
def test_what_is_no_json_object_is_refused(minimax, content):
    answer = minimax.house.client.post(
        "/minimax/v1/video_generation", content=content, headers={"Authorization": "Bearer key"}
    )

    assert code(answer) == 2013


def test_a_missing_key_and_an_unknown_one_are_told_apart(minimax):
    minimax.house.control("POST", "keys", provider="minimax", bad=["stolen"])
    stolen = {"Authorization": "Bearer stolen"}

    assert code(minimax.post(an_order(), Authorization="")) == 1004
    assert code(minimax.post(an_order(), **stolen)) == 2049
    assert code(minimax.query("1", **stolen)) == 2049


def test_a_task_goes_through_three_words_and_succeeds(minimax):
    task = minimax.submit("Waves [[stock, slow=1.2]]")

    first = minimax.query(task).json()
    time.sleep(0.24)
    second = minimax.query(task).json()
    time.sleep(0.4)
    third = minimax.query(task).json()
    last = minimax.ended(task)

    assert first == {"task_id": task, "status": "Preparing", "base_resp": SUCCESS}
    assert second == {"task_id": task, "status": "Queueing", "base_resp": SUCCESS}
    assert third == {"task_id": task, "status": "Processing", "base_resp": SUCCESS}
    assert last == {
        "task_id": task,
        "status": "Success",
        "file_id": last["file_id"],
        "video_width": 1366,
        "video_height": 768,
        "base_resp": SUCCESS,
    }


def test_a_file_is_a_text_in_the_query_and_a_number_no_double_can_hold_in_the_retrieve(minimax):
    answer = minimax.ended(minimax.submit("Waves [[stock]]"))

    found = minimax.retrieve(answer["file_id"]).json()

    assert isinstance(answer["file_id"], str)
    assert found["file"]["file_id"] == int(answer["file_id"])
    assert 2**53 < found["file"]["file_id"] < 2**63
    assert int(float(answer["file_id"])) != found["file"]["file_id"]
    assert found == {
        "file": {
            "file_id": int(answer["file_id"]),
            "bytes": 0,
            "created_at": found["file"]["created_at"],
            "filename": "output_aigc.mp4",
            "purpose": "video_generation",
            "download_url": found["file"]["download_url"],
        },
        "base_resp": SUCCESS,
    }
    assert abs(found["file"]["created_at"] - time.time()) < 60


def test_an_address_is_signed_for_nine_hours_from_each_retrieve(minimax):
    task = minimax.submit("Waves [[stock]]")
    first = minimax.file(task)["download_url"]
    time.sleep(1.1)
    second = minimax.file(task)["download_url"]

    until = [int(parse_qs(urlsplit(url).query)["Expires"][0]) for url in (first, second)]

    assert abs(until[0] - time.time() - 9 * 60 * 60) < 60
    assert until[1] > until[0]
    assert minimax.house.client.get(second).headers["Content-Type"] == "video/mp4"
    unsigned = second.partition("?")[0]
    assert minimax.house.client.get(unsigned).status_code == 403
    assert minimax.house.client.get(second[:-3] + "abc").status_code == 403


@pytest.mark.parametrize(
    ("changes", "size", "price"),
    [
        ({}, (1366, 768), 280_000),
        ({"duration": 10}, (1366, 768), 560_000),
        ({"resolution": "1080P"}, (1920, 1080), 490_000),
        ({"model": FAST, "first_frame_image": IMAGE}, (1228, 768), 190_000),
    ],
)
def test_the_clip_is_as_ordered_and_billed_as_listed(minimax, changes, size, price):
    task = minimax.submit("Waves [[stock, slow=0]]", **changes)

    content = minimax.house.client.get(minimax.file(task)["download_url"]).content

    path = minimax.house.state / "ordered.mp4"
    path.write_bytes(content)
    with av.open(str(path)) as clip:
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == size
        assert clip.duration == changes.get("duration", 6) * 1_000_000
    assert minimax.house.job(task)["billed"] == price
    assert minimax.counter("billed_micro") == price


@pytest.mark.parametrize("task", ["", "1", "388507504709991", "x", "1" * 40])
def test_an_unknown_task_is_an_error_with_http_200(minimax, task):
    answer = minimax.query(task)

    assert code(answer) == 2013
    assert answer.json()["status"] == ""


def test_a_file_that_is_not_there_is_an_error_with_http_200(minimax):
    under_way = minimax.submit("Waves [[never]]")
    not_yet = 2**62 + int(under_way)

    answers = [minimax.retrieve(each) for each in ("", "x", "5", "9" * 30, not_yet)]

    assert [code(answer) for answer in answers] == [2013] * 5


def test_without_money_nothing_is_accepted(minimax):
    minimax.house.control("POST", "balance", provider="minimax", usd=0.5)
    minimax.submit("Waves [[never]]")

    answer = minimax.post(an_order())

    assert code(answer) == 1008
    assert minimax.remains().json()["model_remains"][0]["current_interval_status"] == 2


def test_the_plan_tells_what_is_left(minimax):
    minimax.house.control("POST", "balance", provider="minimax", usd=250)

    (left,) = minimax.remains().json()["model_remains"]

    assert left["current_interval_remaining_percent"] == 25
    assert left["current_weekly_usage_count"] == 75
    assert left["start_time"] < time.time() * 1000 < left["end_time"]
    assert minimax.remains().json()["base_resp"] == SUCCESS


def test_jobs_and_counters_are_told_as_of_any_company(minimax):
    task = minimax.submit("Waves at dawn [[stock]]")
    minimax.ended(task)
    minimax.file(task)

    job = minimax.house.job(task)

    assert (job["provider"], job["state"], job["posts"]) == ("minimax", "succeeded", 1)
    assert (job["prompt"], job["billed"]) == ("Waves at dawn [[stock]]", 280_000)
    assert minimax.counter("submits") == minimax.counter("accepted") == 1
    assert minimax.counter("succeeded") == minimax.counter("retrieves") == 1
    assert minimax.counter("polls") == 2
    assert minimax.counter("requests") == 4


def test_killed_it_keeps_its_tasks_and_their_files(own_house):
    minimax = MiniMax(own_house)
    done = minimax.submit("Waves [[stock]]")
    before = minimax.ended(done)
    under_way = minimax.submit("Waves [[stock, slow=0.5]]")

    own_house.stop(signal.SIGKILL)
    own_house.start()

    assert minimax.query(done).json() == before
    assert minimax.retrieve(before["file_id"]).json()["base_resp"] == SUCCESS
    assert minimax.ended(under_way)["status"] == "Success"
    assert minimax.counter("billed_micro") == 560_000
