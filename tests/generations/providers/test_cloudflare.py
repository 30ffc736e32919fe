"""Cloudflare's oddities, row by row of providers.md section 1 and of its traps in section 12."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from generations.providers.base import (
    Accepted,
    Busy,
    Failure,
    JobState,
    Misconfigured,
    Refused,
    Snapshot,
    Unavailable,
    Unclear,
)
from generations.providers.cloudflare import Cloudflare
from tests.generations.providers.examples import FRAME, an_order
from tests.generations.providers.examples_cloudflare import (
    EXAMPLES,
    FAST_SEEDS,
    JOB,
    NO_PAYLOAD,
    SEEDS,
    TASK,
    TOKEN,
    VIDEO,
    error,
    failed,
    reply,
    seed_order,
)
from tests.generations.providers.wire import Reply, document, says, talk

BASE = "https://api.cloudflare.com/client/v4"
ACCOUNT = "0d37909e38d3e99c29fa2cd343ac421a"


def adapter(**options: str) -> Cloudflare:
    options = {"account_id": ACCOUNT, **options}
    return Cloudflare(base_url=BASE, api_key="a-token-of-ours", options=options)


cloudflare = adapter(gateway_id="reelay")


def submitted(answer: Reply) -> Accepted:
    return talk(cloudflare.submit(an_order()), answer).value


def logs(*rows: dict[str, Any]) -> Reply:
    return says({"success": True, "result": list(rows), "errors": [], "messages": []})


def a_row(**members: Any) -> dict[str, Any]:
    (row,) = document("cloudflare", "logs-success")["result"]
    return {**row, **members}


def settled(*replies: Reply) -> Snapshot:
    return talk(cloudflare.settle(JOB), *replies).value


# 1.1, 1.2, 1.7: what we send -------------------------------------------------------------------


def test_an_order_goes_to_the_accounts_one_address() -> None:
    (request,) = talk(cloudflare.submit(an_order()), reply("completed")).requests

    assert (request.method, str(request.url)) == ("POST", f"{BASE}/accounts/{ACCOUNT}/ai/run")
    assert request.headers["authorization"] == "Bearer a-token-of-ours"
    assert request.headers["content-type"] == "application/json"


def test_the_gateway_is_told_to_try_once_to_ask_no_cache_and_to_log_our_tag() -> None:
    (request,) = talk(cloudflare.submit(an_order()), reply("completed")).requests

    told = {name: value for name, value in request.headers.items() if name.startswith("cf-aig-")}
    assert json.loads(told.pop("cf-aig-metadata")) == {"job": str(TOKEN)}
    assert told == {
        "cf-aig-max-attempts": "1",
        "cf-aig-skip-cache": "true",
        "cf-aig-gateway-id": "reelay",
    }


def test_without_a_gateway_of_our_own_the_accounts_default_one_is_used() -> None:
    plain = adapter(gateway_id="")

    (order,) = talk(plain.submit(an_order()), reply("completed")).requests
    (question,) = talk(plain.settle(JOB), reply("logs-empty")).requests

    assert "cf-aig-gateway-id" not in order.headers
    assert question.url.path == (f"/client/v4/accounts/{ACCOUNT}/ai-gateway/gateways/default/logs")


@pytest.mark.parametrize(
    "options",
    [
        {"account_id": ""},
        {"account_id": "../zones"},
        {"account_id": "a/b"},
        {"account_id": "a b"},
        {"account_id": ".."},
        {"gateway_id": "x/../../.."},
    ],
)
def test_an_account_that_cannot_stand_in_an_address_is_our_fault(options: dict[str, str]) -> None:
    heard = talk(adapter(**options).submit(an_order()))

    assert type(heard.error) is Misconfigured
    assert heard.requests == []


def test_an_order_has_exactly_the_fields_of_the_schema() -> None:
    order = an_order("hailuo-2.3-fast", "image-to-video", webhook_url="https://r.test/w")

    (request,) = talk(cloudflare.submit(order), reply("completed")).requests

    body = json.loads(request.content)
    assert body["input"].pop("first_frame_image").startswith("data:image/png;base64,iVBORw0KGgo")
    assert body == {
        "model": "minimax/hailuo-2.3-fast",
        "input": {
            "prompt": order.prompt,
            "prompt_optimizer": True,
            "fast_pretreatment": False,
            "duration": 6,
            "resolution": "768P",
        },
    }


def test_a_frame_travels_as_a_data_uri_even_where_it_has_a_link() -> None:
    frame = replace(FRAME, link="https://reelay.example/frame.png")
    order = an_order("hailuo-2.3", "image-to-video", image=frame)

    (request,) = talk(cloudflare.submit(order), reply("completed")).requests

    assert b"reelay.example" not in request.content


def test_all_examples_of_the_two_pages_are_here() -> None:
    assert len(EXAMPLES.documented) == len(SEEDS) + len(FAST_SEEDS) == 7


# 1.3, 1.4: how the answer is wrapped -----------------------------------------------------------


@pytest.mark.parametrize("name", SEEDS)
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_every_response_of_the_page_is_a_finished_clip(name: str, is_wrapped: bool) -> None:
    response = document("cloudflare", name)["response"]
    answer = {"result": response, "success": True, "errors": []} if is_wrapped else response

    accepted = talk(cloudflare.submit(seed_order(name)), says(answer)).value

    assert accepted.job_id == response["result"]["task_id"]
    assert accepted.snapshot
    assert accepted.snapshot.state is JobState.DONE
    assert accepted.snapshot.video_url == response["result"]["video"]


@pytest.mark.parametrize(
    "name",
    [
        "completed",
        "completed-wrapped",
        "completed-wrapped-once",
        "completed-innermost",
        "completed-without-status",
    ],
)
def test_the_video_is_found_at_any_depth(name: str) -> None:
    accepted = submitted(reply(name))

    assert accepted.job_id == TASK
    assert accepted.snapshot == Snapshot(
        JobState.DONE, video_url=VIDEO, raw=document("cloudflare", name)
    )


def test_a_video_with_a_signature_says_how_long_it_lives() -> None:
    signed = f"{VIDEO}?Expires=1797854400&OSSAccessKeyId=x&Signature=y"

    snapshot = submitted(says({"state": "Completed", "result": {"video": signed}})).snapshot

    assert snapshot
    assert snapshot.expires_at == datetime.fromtimestamp(1797854400, UTC)


@pytest.mark.parametrize("task", [None, "", "../x", [], 1.5, {"id": 1}])
def test_a_clip_without_a_readable_task_goes_by_our_token(task: Any) -> None:
    accepted = submitted(says({"state": "Completed", "result": {"video": VIDEO, "task_id": task}}))

    assert accepted.job_id == str(TOKEN)
    assert accepted.snapshot


def test_a_task_may_be_a_number() -> None:
    assert submitted(says({"video": VIDEO, "task_id": 388507504709991})).job_id == TASK


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "Running", "result": {"status": "Success", "video": VIDEO}},
        {"state": "Completed", "result": {"status": "Processing", "video": VIDEO}},
        {"state": "Completed", "result": {"status": "Exploded", "video": VIDEO}},
        {"state": 5, "result": {"video": VIDEO}},
        {"state": "Completed", "result": {"video": "soon"}},
        {"success": True, "result": None},
        {"result": {"task_id": TASK}},
        {"status": "success"},
        [{"video": VIDEO}],
    ],
)
def test_an_answer_that_is_no_end_of_a_render_is_unclear(answer: Any) -> None:
    assert type(talk(cloudflare.submit(an_order()), says(answer)).error) is Unclear


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 522, 524])
@pytest.mark.parametrize("name", ["completed", "failed-unavailable", "failed-by-moderation"])
def test_an_answer_that_broke_on_the_way_is_unclear_whatever_it_holds(
    name: str, status: int
) -> None:
    assert type(talk(cloudflare.submit(an_order()), reply(name, status)).error) is Unclear


# 1.5, 1.6: failures and refusals ---------------------------------------------------------------


def test_success_beside_failed_is_a_failure() -> None:
    """Trap 12: the envelope's `success` is about the call, `state` about the clip."""
    snapshot = submitted(reply("failed-with-task")).snapshot

    assert snapshot
    assert snapshot.failure == Failure("provider_error", "The render broke.")


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "Completed", "result": {"status": "Fail", "task_id": TASK, "video": VIDEO}},
        {"state": "Failed", "result": {"status": "Success", "task_id": TASK, "video": VIDEO}},
        {"status": "Fail", "task_id": TASK},
    ],
)
def test_either_word_for_failure_is_enough(answer: Any) -> None:
    accepted = submitted(says(answer))

    assert accepted.job_id == TASK
    assert accepted.snapshot
    assert accepted.snapshot.failure == Failure("provider_error", "The render failed.")


def test_parameters_that_the_model_refused_are_the_orders() -> None:
    snapshot = submitted(failed("2013", message="invalid params")).snapshot

    assert snapshot
    assert snapshot.failure == Failure("invalid_request", "invalid params")


def test_a_failure_without_a_task_or_a_known_code_is_still_the_end_of_a_render() -> None:
    accepted = submitted(failed("internal", message="Something broke."))

    assert accepted.job_id == str(TOKEN)
    assert accepted.snapshot
    assert accepted.snapshot.failure == Failure("provider_error", "Something broke.")


@pytest.mark.parametrize(
    ("code", "ours"),
    [("provider_unavailable", "provider_error"), ("1027", "content_policy")],
)
def test_a_render_that_began_is_never_said_not_to_have_been_taken(code: str, ours: str) -> None:
    accepted = submitted(failed(code, result={"status": "Fail", "task_id": TASK}))

    assert accepted.job_id == TASK
    assert accepted.snapshot
    assert accepted.snapshot.failure
    assert accepted.snapshot.failure.code == ours


def test_success_of_a_task_without_an_address_to_fetch_is_a_failure() -> None:
    answer = {"state": "Completed", "result": {"status": "Success", "task_id": TASK, "video": "x"}}

    snapshot = submitted(says(answer)).snapshot

    assert snapshot
    assert snapshot.failure == Failure("provider_error", "Finished without a video.")


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Insufficient credits.", Misconfigured),
        ("Your credit balance is too low.", Misconfigured),
        ("You have reached your spend limit for this month.", Misconfigured),
        ("Spending limit exceeded", Misconfigured),
        ("No credits left on this account", Misconfigured),
        ("The prompt 'a balance beam of 20 credits' is too long", Refused),
        ("video description contains sensitive content (1026)", Refused),
    ],
)
def test_money_is_spoken_of_in_words_alone(message: str, kind: type[Exception]) -> None:
    assert type(talk(cloudflare.submit(an_order()), error(8999, 400, message)).error) is kind


def test_a_failure_for_want_of_our_money_is_not_the_customers() -> None:
    answer = failed("other", message="Spend limit reached.")

    assert type(talk(cloudflare.submit(an_order()), answer).error) is Misconfigured


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (error(5007, message="No such model"), Unavailable, "No such model"),
        (error(5007, message=""), Unavailable, "5007"),
        (
            says({"success": False, "error": [{"code": 2016, "message": "Blocked"}]}, 424),
            Refused,
            "Blocked",
        ),
        (
            says({"success": False, "error": "Blocked by a policy"}, 400),
            Refused,
            "Blocked by a policy",
        ),
        (says({"status": 400, "title": "Bad"}, 400), Refused, "HTTP 400"),
    ],
)
def test_errors_are_read_in_each_of_their_forms(
    answer: Reply, kind: type[Exception], message: str
) -> None:
    caught = talk(cloudflare.submit(an_order()), answer).error

    assert type(caught) is kind
    assert str(caught) == message


def test_nothing_is_ever_sent_twice() -> None:
    for replies, _, _ in EXAMPLES.submit_errors:
        assert len(talk(cloudflare.submit(an_order()), *replies).requests) == 1


# 1.1, 1.7: the logs ----------------------------------------------------------------------------


def test_the_logs_are_asked_for_our_tag() -> None:
    first, second = talk(
        cloudflare.settle(JOB), reply("logs-success"), reply("log-response")
    ).requests

    logs_of = f"/client/v4/accounts/{ACCOUNT}/ai-gateway/gateways/reelay/logs"
    assert (first.method, first.url.path) == ("GET", logs_of)
    asked = httpx.QueryParams(first.url.query)
    assert json.loads(asked["filters"]) == [
        {"key": "metadata.key", "operator": "eq", "value": ["job"]},
        {"key": "metadata.value", "operator": "eq", "value": [str(TOKEN)]},
    ]
    assert (asked["order_by"], asked["order_by_direction"]) == ("created_at", "desc")
    assert int(asked["per_page"]) <= 50
    assert second.url.path == f"{logs_of}/01JC40RB3NGBE5XFRZGBN07572/response"
    assert all(one.headers["authorization"] == "Bearer a-token-of-ours" for one in (first, second))


def test_each_job_of_a_look_is_asked_for_by_its_own_token() -> None:
    other = replace(JOB, id="388509844320343", token=type(TOKEN)(int=7))

    heard = talk(
        cloudflare.look([JOB, other]), reply("logs-success"), reply("log-response"), logs()
    )

    assert set(heard.value) == {TASK}
    assert str(other.token) in httpx.QueryParams(heard.requests[2].url.query)["filters"]


@pytest.mark.parametrize(
    "row",
    [
        {"metadata": json.dumps({"job": "another", "user": str(TOKEN)})},
        {"metadata": json.dumps({"user": str(TOKEN)})},
        {"metadata": {"job": "another"}},
        {"metadata": "not json"},
        {"metadata": None},
        {"metadata": 5},
        {"model": "minimax/hailuo-2.3-fast"},
        {"model": "@cf/meta/llama-guard-3-8b"},
    ],
)
def test_a_row_that_differs_in_any_field_is_not_ours(row: dict[str, Any]) -> None:
    """The two filters hold independently: our token may be the value of another key."""
    assert settled(logs(a_row(**row))) == Snapshot(JobState.MISSING)


@pytest.mark.parametrize(
    "row",
    [
        {"metadata": {"job": str(TOKEN)}},
        {"metadata": json.dumps({"team": "clips", "job": str(TOKEN)})},
        {"model": "hailuo-2.3"},
        {"model": "MiniMax-Hailuo-2.3"},
        {"model": ""},
        {"model": None},
        {"success": None, "status_code": 200},
    ],
)
def test_a_row_is_ours_however_its_fields_are_written(row: dict[str, Any]) -> None:
    assert settled(logs(a_row(**row)), reply("log-response")).state is JobState.DONE


def test_of_several_rows_one_that_succeeded_is_believed() -> None:
    rows = [a_row(id="first", success=False, status_code=502), a_row(id="second")]

    heard = talk(cloudflare.settle(JOB), logs(*rows), reply("log-response"))

    assert heard.value.state is JobState.DONE
    assert heard.requests[1].url.path.endswith("/logs/second/response")


@pytest.mark.parametrize("kept", [NO_PAYLOAD, reply("processing"), says({}), Reply(b"<html>")])
def test_a_rendered_clip_without_its_address_is_asked_for_again(
    kept: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    assert settled(reply("logs-success"), kept).state is JobState.WORKING
    assert "but not its address" in caplog.text


@pytest.mark.parametrize("name", [None, "", "../x", 1.5])
def test_a_row_without_a_readable_name_is_not_followed(name: Any) -> None:
    assert settled(logs(a_row(id=name))).state is JobState.WORKING
    assert settled(logs(a_row(id=name, success=False))).state is JobState.FAILED


@pytest.mark.parametrize(
    ("status", "code"),
    [(408, "timeout"), (504, "timeout"), (524, "timeout"), (500, "provider_error"), (None, None)],
)
def test_a_failed_row_without_words_is_judged_by_its_status(
    status: int | None, code: str | None
) -> None:
    failure = settled(logs(a_row(success=False, status_code=status)), NO_PAYLOAD).failure

    assert failure
    assert failure.code == (code or "provider_error")


@pytest.mark.parametrize(
    ("cost", "reported", "charged"),
    [(0.28, Decimal("0.28"), True), (0, None, None), (None, None, None), ("0.28", None, None)],
)
def test_the_logs_alone_know_what_a_failure_cost(
    cost: Any, reported: Decimal | None, charged: bool | None
) -> None:
    snapshot = settled(logs(a_row(success=False, cost=cost)), NO_PAYLOAD)

    assert snapshot.cost == reported
    assert snapshot.failure
    assert snapshot.failure.charged is charged


def test_logs_that_do_not_answer_say_nothing() -> None:
    for broken in (Reply(b"<html>", 524), says({"success": False, "result": []}), says([])):
        assert type(talk(cloudflare.settle(JOB), broken).error) is Busy
