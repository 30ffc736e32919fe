"""MiniMax's oddities, row by row of providers.md section 6 and of its traps in section 12."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from generations.providers.base import (
    Busy,
    JobState,
    Knock,
    Misconfigured,
    Refused,
    Snapshot,
    Unclear,
)
from generations.providers.minimax import MiniMax
from tests.generations.providers.examples import FRAME, an_order
from tests.generations.providers.examples_minimax import (
    DOCUMENTED,
    FILE,
    JOB,
    SENT,
    TASK,
    VIDEO,
    a_file,
    a_task,
    documented_order,
    reply,
    verdict,
)
from tests.generations.providers.wire import Reply, document, says, talk

minimax = MiniMax(base_url="https://api.minimax.io", api_key="a-key-of-ours")


def look(*replies: Reply) -> Snapshot:
    return talk(minimax.look([JOB]), *replies).value[JOB.id]


def recognised(*replies: Reply, **facts: Any) -> Snapshot:
    return talk(minimax.recognise(replace(JOB, **facts)), *replies).value


# 6.1, 6.2: what we send ------------------------------------------------------------------------


def test_three_addresses_are_asked_with_a_bearer() -> None:
    (order,) = talk(minimax.submit(an_order()), reply("accepted")).requests
    query, file = talk(minimax.look([JOB]), reply("query-success"), reply("file")).requests

    assert [(one.method, str(one.url)) for one in (order, query, file)] == [
        ("POST", "https://api.minimax.io/v1/video_generation"),
        ("GET", f"https://api.minimax.io/v1/query/video_generation?task_id={TASK}"),
        ("GET", f"https://api.minimax.io/v1/files/retrieve?file_id={FILE}"),
    ]
    for request in (order, query, file):
        assert request.headers["authorization"] == "Bearer a-key-of-ours"


def test_an_order_is_sent_with_nothing_left_to_a_default() -> None:
    frame = replace(FRAME, link="https://reelay.example/frame.png")
    order = an_order(
        "hailuo-2.3-fast", "image-to-video", image=frame, webhook_url="https://r.test/w"
    )

    (request,) = talk(minimax.submit(order), reply("accepted")).requests

    body = json.loads(request.content)
    assert body.pop("first_frame_image").startswith("data:image/png;base64,iVBORw0KGgo")
    assert body == {
        "model": "MiniMax-Hailuo-2.3-Fast",
        "prompt": order.prompt,
        "prompt_optimizer": True,
        "fast_pretreatment": False,
        "duration": 6,
        "resolution": "768P",
        "aigc_watermark": False,
        "callback_url": "https://r.test/w",
    }


# 6.3, 6.4: what a submission is answered -------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_response_of_the_pages_is_an_accepted_order(name: str) -> None:
    response = document("minimax", name)["response"]

    accepted = talk(minimax.submit(documented_order(name)), says(response)).value

    assert (accepted.job_id, accepted.snapshot) == (response["task_id"], None)


@pytest.mark.parametrize("task", ["", "0", 0, None, "../x", 1.5, [], {"id": 1}, True, 2**63])
def test_an_answer_without_a_readable_task_is_unclear(task: Any) -> None:
    assert type(talk(minimax.submit(an_order()), verdict(0, task_id=task)).error) is Unclear


def test_a_task_beyond_what_a_float_can_hold_stays_exact() -> None:
    answer = Reply(b'{"task_id":9007199254740993,"base_resp":{"status_code":0}}')

    assert talk(minimax.submit(an_order()), answer).value.job_id == "9007199254740993"


@pytest.mark.parametrize("code", [1000, 1002, 1026, 2013])
def test_a_task_that_is_named_beside_an_error_is_followed(
    code: int, caplog: pytest.LogCaptureFixture
) -> None:
    accepted = talk(minimax.submit(an_order()), verdict(code, task_id=TASK)).value

    assert accepted.job_id == TASK
    assert "an error beside it" in caplog.text


@pytest.mark.parametrize("code", ["1002", 1002])
def test_a_code_may_be_written_as_text(code: Any) -> None:
    assert type(talk(minimax.submit(an_order()), verdict(code)).error) is Busy


def test_the_words_of_a_refusal_are_kept() -> None:
    caught = talk(minimax.submit(an_order()), reply("error")).error

    assert isinstance(caught, Refused)
    assert caught.message == "invalid params, image short side must be greater than 300px"


def test_a_refusal_without_words_names_its_code() -> None:
    caught = talk(minimax.submit(an_order()), verdict(1042, "")).error

    assert str(caught) == "MiniMax's error 1042."


def test_an_address_of_ours_that_could_not_be_challenged_is_our_fault() -> None:
    answer = verdict(2013, "invalid params, callback_url challenge failed")

    assert type(talk(minimax.submit(an_order()), answer).error) is Misconfigured


# 6.3: looking ----------------------------------------------------------------------------------


def test_the_query_of_the_page_leads_to_its_file() -> None:
    query = document("minimax", "documented-query")
    job = replace(JOB, id=query["task_id"], resolution="1080P")

    heard = talk(minimax.look([job]), says(query), reply("file"))

    assert heard.value[job.id].state is JobState.DONE
    assert heard.requests[1].url.params["file_id"] == query["file_id"]


def test_each_job_of_a_look_is_asked_for_by_itself() -> None:
    other = replace(JOB, id="115334141465231360")

    heard = talk(
        minimax.look([JOB, other]),
        reply("query-processing"),
        a_task("Success", task_id=other.id, file_id=FILE),
        reply("file"),
    )

    assert {task: seen.state for task, seen in heard.value.items()} == {
        JOB.id: JobState.WORKING,
        other.id: JobState.DONE,
    }


@pytest.mark.parametrize("word", ["SUCCESS", "success", " Success "])
def test_words_are_read_in_any_case(word: str) -> None:
    assert look(a_task(word, file_id=FILE), reply("file")).video_url == VIDEO


@pytest.mark.parametrize("word", ["Unknown", "Done", 5, True, [], {"a": 1}])
def test_an_unknown_word_means_still_running(word: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert look(a_task(word, file_id=FILE)).state is JobState.WORKING
    assert "status that we do not know" in caplog.text


@pytest.mark.parametrize("name", [9007199254740993, "9007199254740993"])
def test_a_file_beyond_what_a_float_can_hold_stays_exact(name: Any) -> None:
    heard = talk(minimax.look([JOB]), a_task("Success", file_id=name), a_file(file_id=name))

    assert heard.requests[1].url.params["file_id"] == "9007199254740993"
    assert heard.value[JOB.id].state is JobState.DONE


@pytest.mark.parametrize("name", [None, "", "0", 0, 1.5, 1e15, "../x", "a b", [], 2**63])
def test_a_clip_whose_file_is_not_named_yet_is_asked_for_again(
    name: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert look(a_task("Success", file_id=name)).state is JobState.WORKING
    assert "where its file lies" in caplog.text


@pytest.mark.parametrize(
    "file",
    [
        {"download_url": ""},
        {"download_url": None},
        {"download_url": "www.downloadurl.com"},
        {"download_url": "file:///etc/passwd"},
        {"file_id": 205258526306433},
    ],
)
def test_a_file_that_is_not_it_or_not_there_is_asked_for_again(file: dict[str, Any]) -> None:
    assert look(reply("query-success"), a_file(**file)).state is JobState.WORKING


@pytest.mark.parametrize("name", [None, "", "${file_id}", 1.5])
def test_a_file_need_not_repeat_its_name(name: Any) -> None:
    assert look(reply("query-success"), a_file(file_id=name)).state is JobState.DONE


@pytest.mark.parametrize(
    ("signature", "moment"),
    [
        ("?Expires=1795342400", datetime.fromtimestamp(1795342400, UTC)),
        ("?Signature=x&Expires=1795342400", datetime.fromtimestamp(1795342400, UTC)),
        ("?Expires=soon", None),
        ("?Expires=-1", None),
        ("?Expires=99999999999999", None),
        ("?Expires=999999999999", None),
        ("?Expires=", None),
        ("", None),
    ],
)
def test_a_signed_address_says_when_it_stops_working(
    signature: str, moment: datetime | None
) -> None:
    file = a_file(download_url=f"https://files.example/output.mp4{signature}")

    assert look(reply("query-success"), file).expires_at == moment


@pytest.mark.parametrize("code", [1026, 1027])
def test_a_verdict_on_the_content_without_a_status_ends_the_render(code: int) -> None:
    failure = look(verdict(code, task_id=TASK)).failure

    assert failure
    assert failure.code == "content_policy"


@pytest.mark.parametrize("code", [1000, 1002, 1024, 1026, 1027, 1033])
def test_a_verdict_beside_a_running_task_does_not_end_it(code: int) -> None:
    answer = verdict(code, task_id=TASK, status="Processing")

    assert type(talk(minimax.look([JOB]), answer).error) is Busy


def test_an_answer_about_another_task_says_nothing_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for status in ("Processing", "Success", "Fail"):
        assert look(a_task(status, task_id="1", file_id=FILE)).state is JobState.MISSING
    assert "another task" in caplog.text


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 200])
def test_a_job_that_cannot_stand_in_an_address_is_not_asked_about(name: str) -> None:
    heard = talk(minimax.look([replace(JOB, id=name)]))

    assert (heard.requests, heard.result) == ([], {})


# 6.6: webhooks, and jobs that they name --------------------------------------------------------


def test_a_challenge_is_to_be_echoed() -> None:
    knock = minimax.webhook(headers={}, body=reply("callback-challenge").body)

    assert knock == Knock(None, challenge="6d1f9c0e-3f6a-4c8b-9f0e-2a5b7c9d1e3f")


@pytest.mark.parametrize("challenge", ["x", "A-b_c.9", "x" * 256])
def test_a_challenge_is_a_short_word(challenge: str) -> None:
    body = json.dumps({"challenge": challenge}).encode()

    assert minimax.webhook(headers={}, body=body).challenge == challenge


@pytest.mark.parametrize(
    "challenge",
    ["", " ", "x" * 257, "a b", "<script>", "x\n", "é", '"', 5, True, [], {}, ["x"], "\x00"],
)
def test_any_other_challenge_is_not_echoed(challenge: Any) -> None:
    body = json.dumps({"challenge": challenge, "task_id": TASK}).encode()

    with pytest.raises(ValueError):
        minimax.webhook(headers={}, body=body)


def test_nothing_of_a_webhook_is_believed_but_whose_it_is() -> None:
    lying = {**document("minimax", "callback-success"), "video_url": "http://169.254.169.254/"}

    assert minimax.webhook(headers={}, body=json.dumps(lying).encode()) == Knock(TASK)


@pytest.mark.parametrize(
    ("seconds", "state"), [(-61, JobState.MISSING), (-60, JobState.DONE), (95, JobState.DONE)]
)
def test_a_file_made_before_our_order_is_another_orders(seconds: int, state: JobState) -> None:
    file = a_file(created_at=int(SENT.timestamp()) + seconds)

    assert recognised(reply("query-success"), file).state is state
    assert look(reply("query-success"), file).state is JobState.DONE


@pytest.mark.parametrize("made", [None, 0, "", "yesterday", True, [1]])
def test_a_file_need_not_say_when_it_was_made(made: Any) -> None:
    assert recognised(reply("query-success"), a_file(created_at=made)).state is JobState.DONE
    assert recognised(reply("query-success"), reply("file"), sent_at=None).state is JobState.DONE


@pytest.mark.parametrize(
    ("width", "height", "facts", "is_ours"),
    [
        (1366, 768, {}, True),
        (1360, 768, {}, True),
        (0, 0, {}, True),
        (None, None, {}, True),
        (None, 1080, {}, False),
        (1920, 1080, {}, False),
        (768, 1366, {}, False),
        (1920, 1080, {"resolution": "1080P"}, True),
        (1366, 768, {"resolution": "1080P"}, False),
        (768, 1152, {"mode": "image-to-video"}, True),
        (1366, 768, {"resolution": ""}, True),
    ],
)
def test_a_clip_of_another_size_is_another_orders(
    width: int | None, height: int | None, facts: dict[str, str], is_ours: bool
) -> None:
    task = a_task("Success", file_id=FILE, video_width=width, video_height=height)

    replies = (task, reply("file")) if is_ours else (task,)

    assert recognised(*replies, **facts).state is (JobState.DONE if is_ours else JobState.MISSING)


@pytest.mark.parametrize("named", [None, "", "115334141465231360", 1.5])
def test_a_task_that_is_not_named_again_is_not_recognised(named: Any) -> None:
    for status in ("Processing", "Success", "Fail"):
        answer = a_task(status, task_id=named, file_id=FILE)
        assert recognised(answer).state is JobState.MISSING
