"""Runware's oddities, row by row of providers.md section 2 and of its traps in section 12."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from generations.providers.base import (
    Busy,
    JobState,
    Knock,
    Misconfigured,
    Refused,
    Unclear,
)
from generations.providers.runware import Runware
from tests.generations.providers.examples import FRAME, an_order
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
from tests.generations.providers.wire import Reply, Talk, document, says, talk

runware = Runware(base_url="https://api.runware.ai/v1", api_key="a-key-of-ours")


def body(request: Any) -> Any:
    return json.loads(request.content)


# 2.1, 2.2: what we send ------------------------------------------------------------------------


def test_everything_is_an_array_posted_to_one_address_with_a_bearer() -> None:
    heard: list[Talk[Any]] = [
        talk(runware.submit(an_order()), reply("accepted")),
        talk(runware.look([JOB]), reply("nothing")),
        talk(runware.settle(JOB), reply("nothing"), reply("nothing")),
        talk(runware.balance(), reply("balance-number")),
    ]
    for request in (request for one in heard for request in one.requests):
        assert (request.method, str(request.url)) == ("POST", "https://api.runware.ai/v1")
        assert request.headers["authorization"] == "Bearer a-key-of-ours"
        assert request.headers["content-type"] == "application/json"
        assert isinstance(body(request), list)


def test_an_order_is_sent_with_nothing_left_to_a_default() -> None:
    order = an_order(
        "hailuo-2.3-fast", "image-to-video", resolution="1080P", webhook_url="https://r.test/w"
    )

    (task,) = body(talk(runware.submit(order), reply("accepted")).requests[0])

    assert task.pop("inputs")["frameImages"][0].pop("frame") == "first"
    assert task == {
        "taskType": "videoInference",
        "taskUUID": str(TOKEN),
        "model": "minimax:4@2",
        "positivePrompt": order.prompt,
        "width": 1920,
        "height": 1080,
        "duration": 6,
        "fps": 25,
        "outputType": "URL",
        "outputFormat": "MP4",
        "outputQuality": 95,
        "deliveryMethod": "async",
        "includeCost": True,
        "numberResults": 1,
        "providerSettings": {"minimax": {"promptOptimizer": True}},
        "webhookURL": "https://r.test/w",
    }


def test_a_frame_travels_as_a_data_uri_even_where_it_has_a_link() -> None:
    frame = replace(FRAME, link="https://reelay.example/frame.png")
    order = an_order("hailuo-2.3", "image-to-video", image=frame)

    (task,) = body(talk(runware.submit(order), reply("accepted")).requests[0])

    (sent,) = task["inputs"]["frameImages"]
    assert sent["image"].startswith("data:image/png;base64,iVBORw0KGgo")


def test_768p_is_1366_pixels_wide() -> None:
    (task,) = body(talk(runware.submit(an_order()), reply("accepted")).requests[0])

    assert (task["width"], task["height"]) == (1366, 768)


# 2.2, 2.5: what a submission is answered -------------------------------------------------------


def test_an_acknowledgement_says_nothing_more() -> None:
    accepted = talk(runware.submit(an_order()), reply("accepted")).value

    assert (accepted.job_id, accepted.snapshot) == (str(TOKEN), None)


def test_an_acknowledgement_that_holds_the_clip_is_believed() -> None:
    accepted = talk(runware.submit(an_order()), reply("success")).value

    assert accepted.snapshot
    assert (accepted.snapshot.state, accepted.snapshot.video_url) == (JobState.DONE, VIDEO)


def test_success_without_a_clip_is_only_an_acknowledgement_when_submitting() -> None:
    accepted = talk(runware.submit(an_order()), data(an_item(status="success"))).value

    assert accepted.snapshot is None


@pytest.mark.parametrize(
    "answer",
    [
        data(),
        data(an_item(OTHER)),
        data({"taskType": "videoInference"}),
        data(an_item("")),
        error("invalidModel", task=OTHER),
        error("invalidModel", 429, task=OTHER),
        error("invalidModel", task="nonsense"),
        data(an_item(OTHER), errors=[{"code": "rateLimitExceeded", "taskUUID": OTHER}]),
        says({"status": "ok"}),
        says([]),
    ],
)
def test_an_answer_that_is_not_about_our_task_leaves_it_unclear(answer: Reply) -> None:
    assert type(talk(runware.submit(an_order()), answer).error) is Unclear


def test_our_acknowledgement_counts_whatever_became_of_others() -> None:
    mixed = data(an_item(OTHER), an_item(), status=400, errors=[{"code": "invalidModel"}])

    assert talk(runware.submit(an_order()), mixed).value.job_id == str(TOKEN)


def test_a_refusal_may_stand_in_the_item_itself() -> None:
    refused = data(an_item(status="error", error={"code": "unsupportedDuration", "message": "No."}))

    caught = talk(runware.submit(an_order()), refused).error

    assert isinstance(caught, Refused)
    assert caught.message == "No."


def test_an_error_may_come_in_the_form_of_a_stream() -> None:
    told = says(
        {"error": {"code": "invalidApiKey", "message": "Who?"}, "taskUUID": str(TOKEN)}, 401
    )

    caught = talk(runware.submit(an_order()), told).error

    assert isinstance(caught, Misconfigured)
    assert caught.message == "Who?"


@pytest.mark.parametrize("status", [400, 200, 409, 500])
def test_a_used_uuid_means_that_the_first_sending_got_through(status: int) -> None:
    repeated = error("conflictTaskUUID", status)

    assert talk(runware.submit(an_order()), repeated).value.job_id == str(TOKEN)


def test_a_uuid_used_by_another_task_says_nothing_of_ours() -> None:
    repeated = error("conflictTaskUUID", 400, task=OTHER)

    assert type(talk(runware.submit(an_order()), repeated).error) is Unclear


def test_the_words_of_a_refusal_are_kept() -> None:
    told = error("invalidPositivePrompt", parameter=["positivePrompt", "width"])

    caught = talk(runware.submit(an_order()), told).error

    assert isinstance(caught, Refused)
    assert caught.message == "Their words."
    assert caught.raw["parameter"] == ["positivePrompt", "width"]


def test_a_refusal_without_words_names_its_code() -> None:
    told = says({"errors": [{"code": "missingDimensionParameters"}]}, 400)

    caught = talk(runware.submit(an_order()), told).error

    assert isinstance(caught, Refused)
    assert caught.message == "missingDimensionParameters"


def test_a_pause_is_passed_on_with_a_full_queue() -> None:
    full = says({"errors": [{"code": "rateLimitExceeded"}]}, 429, retry_after="12")

    caught = talk(runware.submit(an_order()), full).error

    assert isinstance(caught, Busy)
    assert caught.retry_after == 12


# 2.4, 2.7: balance and webhooks ----------------------------------------------------------------


def test_the_balance_is_asked_for_with_a_new_uuid_each_time() -> None:
    asked = [
        body(talk(runware.balance(), reply("balance-number")).requests[0])[0] for _ in range(2)
    ]

    assert asked[0]["taskType"] == "accountManagement"
    assert asked[0]["operation"] == "getDetails"
    assert uuid.UUID(asked[0]["taskUUID"]).version == 4
    assert asked[0]["taskUUID"] != asked[1]["taskUUID"]


@pytest.mark.parametrize(
    ("balance", "dollars"),
    [
        (0, "0"),
        (-3.5, "-3.5"),
        ({"amount": 12.25, "freeBalance": 3}, "12.25"),
        ({"freeBalance": 3, "balance": 12.25}, "12.25"),
        ({"credit": 12.25, "currency": "USD"}, "12.25"),
    ],
)
def test_a_balance_is_a_number_or_an_object_with_one(balance: Any, dollars: str) -> None:
    heard = talk(runware.balance(), data({"taskType": "accountManagement", "balance": balance}))

    assert heard.value == Decimal(dollars)


@pytest.mark.parametrize("balance", [None, "12", [], {}, {"amount": "12"}, True, 1e300])
def test_a_balance_of_another_shape_is_unknown(balance: Any) -> None:
    heard = talk(runware.balance(), data({"taskType": "accountManagement", "balance": balance}))

    assert type(heard.error) is Busy


def test_a_refused_key_shows_in_the_balance() -> None:
    assert type(talk(runware.balance(), error("invalidApiKey", 401, task=None)).error) is (
        Misconfigured
    )


def test_nothing_of_a_webhook_is_believed_but_whose_it_is() -> None:
    lying = {**document("runware", "webhook-success"), "videoURL": "http://169.254.169.254/"}

    assert runware.webhook(headers={}, body=json.dumps(lying).encode()) == Knock(str(TOKEN))
