"""ToAPIs' oddities, row by row of providers.md section 3 and of its traps in section 12."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from generations.providers.base import (
    REPEATABLE,
    Busy,
    Job,
    JobState,
    Misconfigured,
    ProviderError,
    Refused,
)
from generations.providers.toapis import ToAPIs
from tests.generations.providers.examples import FRAME, an_order
from tests.generations.providers.examples_toapis import (
    ID,
    JOB,
    UPLOADED,
    VIDEO,
    error,
    form,
    reply,
)
from tests.generations.providers.sanity import sane_error
from tests.generations.providers.wire import Reply, document, says, talk

toapis = ToAPIs(base_url="https://toapis.com/v1", api_key="a-key-of-ours")
NOT_OURS = "Authentication failed, please check your API key"
FAST = an_order("hailuo-2.3-fast", "image-to-video", resolution="1080P")


def body(request: Any) -> Any:
    return json.loads(request.content)


# 3.1, 3.2: what we send ------------------------------------------------------------------------


def test_an_order_is_sent_with_nothing_left_to_a_default() -> None:
    (request,) = talk(toapis.submit(an_order()), reply("accepted")).requests

    assert (request.method, str(request.url)) == (
        "POST",
        "https://toapis.com/v1/videos/generations",
    )
    assert request.headers["authorization"] == "Bearer a-key-of-ours"
    assert body(request) == {
        "model": "MiniMax-Hailuo-2.3",
        "prompt": "A red kite [Pan left, Pedestal up] over Füssen",
        "duration": 6,
        "resolution": "768P",
        "metadata": {"prompt_optimizer": True, "fast_pretreatment": False, "watermark": False},
    }


def test_a_frame_is_uploaded_first_and_then_named_by_its_address() -> None:
    upload, order = talk(toapis.submit(FAST), reply("uploaded"), reply("accepted")).requests

    assert (upload.method, str(upload.url)) == ("POST", "https://toapis.com/v1/uploads/images")
    assert upload.headers["authorization"] == "Bearer a-key-of-ours"
    assert form(upload) == {"purpose": b"generation", "file": FRAME.content}
    assert b'filename="first-frame.png"\r\nContent-Type: image/png' in upload.content
    assert body(order)["model"] == "MiniMax-Hailuo-2.3-Fast"
    assert body(order)["image_urls"] == [UPLOADED]
    assert b"base64" not in order.content


def test_only_the_order_can_cost_something() -> None:
    upload, order = talk(toapis.submit(FAST), reply("uploaded"), reply("accepted")).requests

    assert upload.extensions[REPEATABLE] is True
    assert REPEATABLE not in order.extensions


def test_a_frame_is_uploaded_even_where_it_has_a_link() -> None:
    linked = replace(FRAME, link="https://reelay.example/frame.png")

    heard = talk(toapis.submit(replace(FAST, image=linked)), reply("uploaded"), reply("accepted"))

    assert body(heard.requests[1])["image_urls"] == [UPLOADED]


def test_the_uploader_takes_no_more_than_ten_megabytes() -> None:
    assert toapis.capabilities.largest_image == 10_000_000


def test_a_job_is_asked_about_by_its_id() -> None:
    (request,) = talk(toapis.look([JOB]), reply("queued")).requests

    assert (request.method, str(request.url)) == (
        "GET",
        f"https://toapis.com/v1/videos/generations/{ID}",
    )
    assert request.headers["authorization"] == "Bearer a-key-of-ours"


def test_several_jobs_are_asked_about_one_by_one() -> None:
    jobs = [JOB, replace(JOB, id="task_2")]
    second = says({**document("toapis", "queued"), "id": "task_2"})

    found = talk(toapis.look(jobs), reply("completed"), second).value

    assert {job: one.state for job, one in found.items()} == {
        ID: JobState.DONE,
        "task_2": JobState.WORKING,
    }


@pytest.mark.parametrize("name", ["..", "../uploads", "a/b", "a?b", "", "x" * 129, "a b"])
def test_an_id_that_leads_elsewhere_is_never_asked_about(name: str) -> None:
    heard = talk(toapis.look([replace(JOB, id=name)]))

    assert (heard.requests, heard.result) == ([], {})


# 3.4: what an upload is answered ---------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        reply("uploaded"),  # documented; the rest is assumed
        reply("uploaded", 201),
        says({"data": {"url": UPLOADED}}),
        says({"success": True, "data": [{"url": UPLOADED}]}),
        says({"success": True, "data": UPLOADED}),
        says({"success": True, "url": UPLOADED}),
    ],
)
def test_the_address_of_an_uploaded_frame_is_found(answer: Reply) -> None:
    heard = talk(toapis.submit(FAST), answer, reply("accepted"))

    assert body(heard.requests[1])["image_urls"] == [UPLOADED]
    assert heard.value.job_id == ID


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (
            reply("upload-unsupported", 400),
            Refused,
            "Unsupported image type. Allowed: JPEG, PNG, WebP, GIF",
        ),
        (reply("upload-too-large", 400), Refused, "Image too large. Maximum size is 10MB"),
        (reply("upload-unsupported"), Refused, document("toapis", "upload-unsupported")["message"]),
        (reply("upload-too-large"), Refused, document("toapis", "upload-too-large")["message"]),
        (says({"success": False, "message": "No."}, 400), Refused, "No."),
        (says({"success": False, "message": "Disk is full"}), Busy, "Disk is full"),
        (says({"success": False, "data": {"url": UPLOADED}}), Busy, "HTTP 200"),
        (says({"success": True, "data": {"url": "data:image/png;base64,AA"}}), Busy, "HTTP 200"),
        (says({"success": True, "data": {"url": "ftp://a.b/c"}}), Busy, "HTTP 200"),
        (says({"success": True, "data": {}}), Busy, "HTTP 200"),
        (says([]), Busy, "HTTP 200"),
        (Reply(b"<html>", 413), Refused, "HTTP 413"),
        (Reply(b"<html>", 404), Busy, "HTTP 404"),
        (Reply(b"<html>", 502), Busy, "HTTP 502"),
        (reply("unauthorized", 401), Misconfigured, NOT_OURS),
        (error(400, None, "insufficient_user_quota"), Misconfigured, "Their words."),
        (error(402, "insufficient_quota", 402), Misconfigured, "Their words."),
        (error(429, "rate_limit_exceeded", 429), Busy, "Their words."),
    ],
)  # fmt: skip
def test_an_upload_that_fails_ends_the_order_before_it_is_placed(
    answer: Reply, kind: type[Exception], message: str
) -> None:
    heard = talk(toapis.submit(FAST), answer)

    assert type(heard.error) is kind
    assert isinstance(heard.error, ProviderError)
    assert heard.error.message == message
    assert len(heard.requests) == 1


def test_a_frame_that_the_uploader_objects_to_is_a_matter_of_policy() -> None:
    objected = says({"success": False, "message": "The image violates the content policy"}, 400)

    caught = talk(toapis.submit(FAST), objected).error

    assert isinstance(caught, Refused)
    assert caught.code == "content_policy"


@pytest.mark.parametrize(
    "status", [200, 202, 204, 301, 400, 404, 408, 413, 500, 502, 503, 504, 524]
)
@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"success":false}', b"[1]"])
def test_a_failed_upload_never_leaves_a_doubt(status: int, content: bytes) -> None:
    caught = talk(toapis.submit(FAST), Reply(content, status)).error

    assert isinstance(caught, Busy | Refused)
    sane_error(caught)


def test_a_pause_asked_for_by_the_uploader_is_passed_on() -> None:
    caught = talk(toapis.submit(FAST), Reply(b"{}", 429, {"retry-after": "7"})).error

    assert isinstance(caught, Busy)
    assert caught.retry_after == 7


# 3.3: what a submission and a look are answered ------------------------------------------------


def test_an_acknowledgement_says_nothing_more() -> None:
    accepted = talk(toapis.submit(an_order()), reply("accepted")).value

    assert (accepted.job_id, accepted.snapshot) == (ID, None)


def test_an_acknowledgement_that_holds_the_clip_is_believed() -> None:
    accepted = talk(toapis.submit(an_order()), reply("accepted-completed")).value

    assert accepted.snapshot
    assert (accepted.snapshot.state, accepted.snapshot.video_url) == (JobState.DONE, VIDEO)


@pytest.mark.parametrize("name", ["vid_01J9", "video_7497f4d5-3a88", "task_01K9S4"])
def test_an_id_is_opaque(name: str) -> None:
    acknowledged = says({**document("toapis", "accepted"), "id": name})

    assert talk(toapis.submit(an_order()), acknowledged).value.job_id == name


def test_an_id_is_believed_before_a_task_id() -> None:
    acknowledged = says({"id": "vid_1", "task_id": "task_1", "status": "queued"})

    assert talk(toapis.submit(an_order()), acknowledged).value.job_id == "vid_1"


def test_the_end_of_an_address_is_a_moment_in_utc() -> None:
    snapshot = talk(toapis.look([JOB]), reply("completed")).value[ID]

    assert snapshot.expires_at == datetime(2026, 1, 15, 8, 48, 34, tzinfo=UTC)


@pytest.mark.parametrize("end", [None, "soon", True, -(10**30), 10**30, [], 1768466914000])
def test_an_end_that_cannot_be_read_is_unknown(end: Any) -> None:
    finished = says({**document("toapis", "completed"), "expires_at": end})

    snapshot = talk(toapis.look([JOB]), finished).value[ID]

    assert (snapshot.state, snapshot.expires_at) == (JobState.DONE, None)


@pytest.mark.parametrize("word", ["queued", "submitted", "pending", "in_progress", "Queued"])
def test_a_word_for_waiting_is_known(word: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        snapshot = talk(toapis.look([JOB]), says({"status": word})).value[ID]

    assert snapshot.state is JobState.WORKING
    assert caplog.text == ""


def test_a_word_that_we_do_not_know_keeps_a_job_running(caplog: pytest.LogCaptureFixture) -> None:
    rendering = says({**document("toapis", "in-progress"), "status": "almost"})

    with caplog.at_level(logging.WARNING):
        snapshot = talk(toapis.look([JOB]), rendering).value[ID]

    assert snapshot.state is JobState.WORKING
    assert "do not know" in caplog.text


def test_an_answer_about_another_task_is_not_believed(caplog: pytest.LogCaptureFixture) -> None:
    other = says({**document("toapis", "completed"), "id": "vid_another"})

    with caplog.at_level(logging.WARNING):
        found = talk(toapis.look([JOB]), other).value

    assert found == {}
    assert "another task" in caplog.text


def test_whether_a_failed_render_is_charged_is_not_known() -> None:
    snapshot = talk(toapis.look([JOB]), reply("failed")).value[ID]

    assert snapshot.failure
    assert snapshot.failure.charged is None


def test_there_is_no_way_to_find_an_order_that_was_lost() -> None:
    job = Job(id="", token=JOB.token, model=JOB.model, mode=JOB.mode)

    for question in (toapis.settle, toapis.recognise, toapis.cancel):
        with pytest.raises(NotImplementedError):
            question(job)
    with pytest.raises(NotImplementedError):
        toapis.balance()
