"""Runware's oddities in looking at jobs and settling lost ones: providers.md 2.3 and 2.6."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from generations.providers.base import (
    Busy,
    Failure,
    Job,
    JobState,
    Misconfigured,
    Snapshot,
)
from generations.providers.runware import Runware
from tests.generations.providers.examples_runware import (
    JOB,
    OTHER,
    TOKEN,
    VIDEO,
    an_item,
    data,
    error,
    reply,
)
from tests.generations.providers.wire import Reply, document, talk

runware = Runware(base_url="https://api.runware.ai/v1", api_key="a-key-of-ours")


def a_job(task: str = str(TOKEN)) -> Job:
    return replace(JOB, id=task, token=uuid.UUID(task))


def look(*replies: Reply) -> Snapshot:
    return talk(runware.look([JOB]), *replies).value[JOB.id]


def body(request: Any) -> Any:
    return json.loads(request.content)


# 2.3: looking ----------------------------------------------------------------------------------


def test_at_most_twenty_jobs_are_asked_about_at_once() -> None:
    jobs = [a_job(str(uuid.uuid4())) for _ in range(45)]

    heard = talk(runware.look(jobs), *[reply("nothing")] * 3)

    assert [len(body(request)) for request in heard.requests] == [20, 20, 5]
    asked = [task["taskUUID"] for request in heard.requests for task in body(request)]
    assert asked == [job.id for job in jobs]
    assert {task["taskType"] for task in body(heard.requests[0])} == {"getResponse"}


def test_a_failure_that_names_no_task_is_found_by_asking_for_each_alone() -> None:
    jobs = [a_job(str(TOKEN)), a_job(OTHER)]
    nameless = data(errors=[{"code": "taskFailed", "message": "Broke.", "status": "error"}])

    heard = talk(runware.look(jobs), nameless, reply("nothing"), nameless)

    assert [len(body(request)) for request in heard.requests] == [2, 1, 1]
    states = {task: snapshot.state for task, snapshot in heard.value.items()}
    assert states == {OTHER: JobState.FAILED}


def test_answers_belong_to_the_task_they_name_wherever_they_stand() -> None:
    jobs = [a_job(str(uuid.uuid4())) for _ in range(4)]
    first, second, third, silent = (job.id for job in jobs)
    told = data(
        an_item(third, status="success", videoURL=VIDEO),
        an_item(OTHER, status="success", videoURL="https://files.example/not-ours.mp4"),
        an_item(first.upper(), status="processing", progress=7),
        an_item("nonsense", status="success", videoURL=VIDEO),
        errors=[{"code": "taskFailed", "message": "Broke.", "taskUUID": second}],
    )

    found = talk(runware.look(jobs), told).value

    assert {task: snapshot.state for task, snapshot in found.items()} == {
        first: JobState.WORKING,
        second: JobState.FAILED,
        third: JobState.DONE,
    }
    assert silent not in found
    assert found[third].video_url == VIDEO


def test_one_bad_task_does_not_hide_the_others() -> None:
    told = data(
        an_item(status="success", videoURL=VIDEO),
        status=400,
        errors=[{"code": "invalidTaskUUID", "taskUUID": OTHER}, {"code": "somethingElse"}],
    )

    found = talk(runware.look([JOB]), told).value

    assert found[JOB.id].state is JobState.DONE


@pytest.mark.parametrize("code", ["invalidApiKey", "insufficientCredits", "rateLimitExceeded"])
@pytest.mark.parametrize("status", [200, 400, 401, 429])
def test_a_complaint_about_us_says_nothing_of_the_job_it_names(code: str, status: int) -> None:
    alone = talk(runware.look([JOB]), error(code, status)).error
    assert isinstance(alone, Busy | Misconfigured)

    beside = data(
        an_item(OTHER, status="processing"),
        status=status,
        errors=[{"code": code, "taskUUID": JOB.id}],
    )
    assert set(talk(runware.look([JOB, a_job(OTHER)]), beside).value) == {OTHER}


@pytest.mark.parametrize(
    "complaint",
    [
        {"code": "providerRateLimitExceeded"},
        {"code": "providerInsufficientCredits"},
        {"code": "inferenceRateLimitExceeded", "status": "error"},
        {"code": "noAvailableServer"},
        {"code": "providerError"},
        {},
    ],
)
def test_a_complaint_of_the_render_ends_it(complaint: dict[str, str]) -> None:
    told = data(errors=[{**complaint, "taskUUID": JOB.id}])

    failure = look(told).failure

    assert failure
    assert failure.code == "provider_error"


@pytest.mark.parametrize(("status", "says_it_failed"), [(200, True), (400, True), (404, True)])
def test_an_unknown_code_is_judged_by_the_status(status: int, says_it_failed: bool) -> None:
    assert look(error("somethingNew", status)).state is JobState.FAILED


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429, 500, 502, 503, 504])
def test_an_unknown_code_on_an_error_of_the_question_says_nothing(status: int) -> None:
    caught = talk(runware.look([JOB]), error("somethingNew", status)).error

    assert isinstance(caught, Busy | Misconfigured)


@pytest.mark.parametrize("word", ["SUCCESS", " Success ", "success"])
def test_words_are_read_in_any_case(word: str) -> None:
    assert look(data(an_item(status=word, videoURL=VIDEO))).state is JobState.DONE


@pytest.mark.parametrize("word", ["processing", "pending"])
def test_an_older_page_has_another_word_for_running(
    word: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert look(data(an_item(status=word))).state is JobState.WORKING
    assert caplog.text == ""


@pytest.mark.parametrize("word", ["rendering", "queued", "done", "", 5, True, [], {"a": 1}])
def test_an_unknown_word_means_still_running(word: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert look(data(an_item(status=word, videoURL=VIDEO))) == replace(
        Snapshot(JobState.WORKING), raw=an_item(status=word, videoURL=VIDEO)
    )
    assert "status that we do not know" in caplog.text


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ({}, JobState.WORKING),
        ({"videoURL": VIDEO}, JobState.DONE),
        ({"videoURL": VIDEO, "status": None}, JobState.DONE),
        ({"videoUUID": OTHER}, JobState.WORKING),
        ({"videoURL": "soon"}, JobState.WORKING),
        ({"error": {"code": "taskFailed"}}, JobState.FAILED),
        ({"error": None, "videoURL": VIDEO}, JobState.DONE),
    ],
)
def test_a_task_without_a_status_is_judged_by_what_it_carries(
    members: dict[str, Any], state: JobState
) -> None:
    assert look(data(an_item(**members))).state is state


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        5,
        [VIDEO],
        "clip.mp4",
        "//files.example/clip.mp4",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:video/mp4;base64,AAAA",
        "http://",
        "https://[::1/clip.mp4",
        "https://files.example/a clip.mp4",
        "https://files.example/\r\nclip.mp4",
        "https://files.example/" + "x" * 9_000,
    ],
)
def test_success_without_an_address_to_fetch_is_a_failure(url: Any) -> None:
    snapshot = look(data(an_item(status="success", videoURL=url)))

    assert snapshot.state is JobState.FAILED
    assert snapshot.failure
    assert snapshot.failure.code == "provider_error"


def test_a_clip_outweighs_a_complaint_beside_it() -> None:
    item = an_item(status="success", videoURL=VIDEO)
    told = data(
        an_item(status="error", error={"code": "taskFailed"}),
        item,
        errors=[{"code": "taskFailed", "taskUUID": JOB.id}],
    )

    assert look(told).state is JobState.DONE


def test_a_complaint_does_not_end_what_is_said_to_be_running() -> None:
    told = data(an_item(status="processing"), errors=[{"code": "taskFailed", "taskUUID": JOB.id}])

    assert look(told).state is JobState.WORKING


@pytest.mark.parametrize(
    ("progress", "percent"),
    [
        (0, 0),
        (42, 42),
        (100, 100),
        (42.9, 42),
        (-5, 0),
        (250, 100),
        (1e30, 100),
        ("50", None),
        (True, None),
        (None, None),
        ([50], None),
    ],
)
def test_progress_is_a_percentage(progress: Any, percent: int | None) -> None:
    assert look(data(an_item(status="processing", progress=progress))).progress == percent


@pytest.mark.parametrize(
    ("cost", "dollars"),
    [
        (b"0.28", "0.28"),
        (b"0.56", "0.56"),
        (b"1", "1"),
        (b"0.28000000000000003", "0.28"),
        (b"2.8e-1", "0.28"),
        (b"0", None),
        (b"0.0", None),
        (b"0.0000001", None),
        (b"-0.28", None),
        (b"1e999999999", None),
        (b"1e20", None),
        (b"NaN", None),
        (b"Infinity", None),
        (b'"0.28"', None),
        (b"true", None),
        (b"[0.28]", None),
        (b"1" * 5_000, None),
    ],
)
def test_a_cost_is_exact_or_unknown(cost: bytes, dollars: str | None) -> None:
    whole = json.dumps({"data": [an_item(status="success", videoURL=VIDEO, cost="COST")]})

    snapshot = look(Reply(whole.encode().replace(b'"COST"', cost)))

    assert snapshot.state is JobState.DONE
    assert snapshot.cost == (Decimal(dollars) if dollars else None)


@pytest.mark.parametrize(
    ("seed", "kept"),
    [(552434557, 552434557), (0, 0), (2**63, None), (1.5, None), ("7", None), (True, None)],
)
def test_a_seed_fits_into_a_column(seed: Any, kept: int | None) -> None:
    assert look(data(an_item(status="success", videoURL=VIDEO, seed=seed))).seed == kept


def test_a_flagged_clip_is_still_a_clip() -> None:
    snapshot = look(reply("success-flagged"))

    assert snapshot.state is JobState.DONE
    assert snapshot.raw["NSFWContent"] is True


# 2.3: settling ---------------------------------------------------------------------------------


def test_a_lost_submission_is_sought_under_way_and_then_in_the_archive() -> None:
    lost = replace(JOB, id="")

    heard = talk(runware.settle(lost), reply("nothing"), reply("details-done"))

    assert [body(request) for request in heard.requests] == [
        [{"taskType": "getResponse", "taskUUID": str(TOKEN)}],
        [{"taskType": "getTaskDetails", "taskUUID": str(TOKEN)}],
    ]


def details(request: Any, response: Any, **members: Any) -> Reply:
    entry = {"taskType": "getTaskDetails", "taskUUID": str(TOKEN)}
    return data({**entry, "request": request, "response": response, **members})


def settled(archive: Reply) -> Snapshot:
    return talk(runware.settle(JOB), reply("nothing"), archive).value


REQUEST = document("runware", "details-done")["data"][0]["request"]
RESPONSE = document("runware", "details-done")["data"][0]["response"]


def test_the_archive_may_hold_objects_instead_of_arrays() -> None:
    assert settled(details(REQUEST[0], RESPONSE["data"][0])).state is JobState.DONE
    assert settled(details(REQUEST, {"data": RESPONSE["data"][0]})).state is JobState.DONE


@pytest.mark.parametrize(
    "other",
    [{"model": "minimax:4@2"}, {"taskUUID": OTHER}, {"taskType": "imageInference"}, {"model": 5}],
)
def test_an_archived_task_that_differs_in_any_field_is_not_ours(
    other: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert settled(details([{**REQUEST[0], **other}], RESPONSE)).state is JobState.MISSING
    assert "does not match" in caplog.text


def test_an_archived_answer_about_another_task_is_not_ours() -> None:
    foreign = {"data": [an_item(OTHER, videoURL=VIDEO)]}

    assert settled(details(REQUEST, foreign)).state is JobState.WORKING
    assert settled(data({"taskUUID": OTHER, "request": REQUEST, "response": RESPONSE})).state is (
        JobState.MISSING
    )


@pytest.mark.parametrize(("request_", "response"), [(None, None), ([], {}), ("", "")])
def test_an_archive_that_only_echoes_the_question_knows_nothing(
    request_: Any, response: Any
) -> None:
    assert settled(details(request_, response)).state is JobState.MISSING


def test_an_archived_failure_needs_no_name() -> None:
    failed = settled(details(REQUEST, {"errors": [{"code": "taskFailed", "message": "Broke."}]}))

    assert failed.failure == Failure("provider_error", "Broke.")


def test_a_resend_in_the_archive_does_not_hide_the_first_sending() -> None:
    repeated = {"errors": [{"code": "conflictTaskUUID", "taskUUID": str(TOKEN)}]}

    assert settled(details(REQUEST, repeated)).state is JobState.WORKING


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error("invalidApiKey", 401, task=None), Misconfigured),
        (error("rateLimitExceeded", 429, task=None), Busy),
        (error("somethingNew", 500, task=None), Busy),
        (Reply(b"<html>", 502), Busy),
    ],
)
def test_a_question_that_failed_settles_nothing(answer: Reply, kind: type[Exception]) -> None:
    assert type(talk(runware.settle(JOB), answer).error) is kind
    assert type(talk(runware.settle(JOB), reply("nothing"), answer).error) is kind


def test_the_frame_in_an_archived_request_is_not_kept() -> None:
    frame = {"frameImages": [{"image": "data:image/png;base64," + "A" * 9_000, "frame": "first"}]}

    snapshot = settled(details([{**REQUEST[0], "inputs": frame}], {"data": [an_item()]}))

    assert snapshot.state is JobState.WORKING
    assert "AAAA" not in json.dumps(snapshot.raw)
    assert REQUEST[0]["positivePrompt"] in json.dumps(snapshot.raw)
