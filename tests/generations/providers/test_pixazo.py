"""Pixazo's oddities, row by row of providers.md section 4 and of its traps in section 12."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from generations.providers.base import (
    Busy,
    JobState,
    Knock,
    Misconfigured,
    Refused,
    Unavailable,
)
from generations.providers.pixazo import Pixazo
from tests.generations.providers.examples import FRAME, an_order
from tests.generations.providers.examples_pixazo import ID, JOB, TOKEN, VIDEO, changed, error, reply
from tests.generations.providers.wire import document, says, talk

pixazo = Pixazo(base_url="https://gateway.pixazo.ai", api_key="a-key-of-ours")


def body(request: Any) -> Any:
    return json.loads(request.content)


# 4.1, 4.2: what we send ------------------------------------------------------------------------


def test_an_order_is_sent_with_nothing_left_to_a_default() -> None:
    (request,) = talk(pixazo.submit(an_order()), reply("accepted", 202)).requests

    assert request.method == "POST"
    assert str(request.url) == "https://gateway.pixazo.ai/minimax-hailuo-ai/v1/generate"
    assert body(request) == {
        "prompt": "A red kite [Pan left, Pedestal up] over Füssen",
        "duration": 6,
        "resolution": "768P",
        "prompt_optimizer": True,
        "fast_pretreatment": False,
        "aigc_watermark": False,
    }


def test_a_key_goes_by_the_name_of_the_gateway() -> None:
    heard = [
        *talk(pixazo.submit(an_order()), reply("accepted", 202)).requests,
        *talk(pixazo.look([JOB]), reply("queued")).requests,
    ]
    for request in heard:
        assert request.headers["ocp-apim-subscription-key"] == "a-key-of-ours"
        assert request.headers["cache-control"] == "no-cache"
        assert "authorization" not in request.headers


def test_a_frame_makes_another_address_and_travels_as_a_data_uri() -> None:
    frame = replace(FRAME, link="https://reelay.example/frame.png")
    order = an_order("hailuo-2.3-fast", "image-to-video", image=frame)

    (request,) = talk(pixazo.submit(order), reply("accepted", 202)).requests

    assert str(request.url) == "https://gateway.pixazo.ai/minimax-hailuo-ai/v1/imageToVideo"
    assert body(request)["first_frame_image"].startswith("data:image/png;base64,iVBORw0KGgo")


def test_a_frame_is_never_sold_as_the_standard_model() -> None:
    order = an_order("hailuo-2.3", "image-to-video")

    heard = talk(pixazo.submit(order))

    assert isinstance(heard.error, Refused)
    assert heard.requests == []


def test_a_webhook_is_registered_by_a_header_and_never_in_the_body() -> None:
    order = an_order(webhook_url="https://reelay.example/w")

    (request,) = talk(pixazo.submit(order), reply("accepted", 202)).requests

    assert request.headers["x-webhook-url"] == "https://reelay.example/w"
    assert b"reelay.example" not in request.content
    assert b"callback_url" not in request.content


def test_a_polling_url_is_never_followed() -> None:
    lying = says({**document("pixazo", "accepted"), "polling_url": "https://evil.example/"}, 202)
    accepted = talk(pixazo.submit(an_order()), lying).value

    (request,) = talk(pixazo.look([replace(JOB, id=accepted.job_id)]), reply("queued")).requests

    assert (request.method, str(request.url)) == (
        "GET",
        f"https://gateway.pixazo.ai/v2/requests/status/{ID}",
    )


@pytest.mark.parametrize("name", ["..", "../v1", "a/b", "a?b", "", "x" * 129, "a b"])
def test_an_id_that_leads_elsewhere_is_never_asked_about(name: str) -> None:
    job = replace(JOB, id=name)

    looked, recognised = talk(pixazo.look([job])), talk(pixazo.recognise(job))

    assert (looked.requests, looked.result) == ([], {})
    assert recognised.requests == []
    assert recognised.value.state is JobState.MISSING


# 4.3: what is answered -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_acknowledgement_says_nothing_more(status: int) -> None:
    accepted = talk(pixazo.submit(an_order()), reply("accepted", status)).value

    assert (accepted.job_id, accepted.snapshot) == (ID, None)


@pytest.mark.parametrize("name", ["accepted-with-output", "accepted-with-bare-output"])
def test_a_submission_may_be_answered_with_its_result(name: str) -> None:
    accepted = talk(pixazo.submit(an_order()), reply(name)).value

    assert accepted.snapshot
    assert (accepted.snapshot.state, accepted.snapshot.video_url) == (JobState.DONE, VIDEO)
    assert accepted.job_id == ID


def test_a_result_without_an_id_is_not_lost() -> None:
    accepted = talk(pixazo.submit(an_order()), reply("output-alone")).value

    assert accepted.snapshot
    assert accepted.snapshot.video_url == VIDEO
    assert accepted.job_id == str(TOKEN)


def test_a_result_of_a_failed_request_is_none() -> None:
    odd = says({**document("pixazo", "accepted-with-output"), "status": "FAILED"}, 202)

    assert talk(pixazo.submit(an_order()), odd).value.snapshot is None


@pytest.mark.parametrize(
    "media", [VIDEO, [VIDEO], ["", VIDEO], [None, VIDEO, "https://files.example/second.mp4"]]
)
def test_the_first_address_of_a_result_is_taken(media: Any) -> None:
    finished = changed(output={"media_url": media})

    assert talk(pixazo.look([JOB]), finished).value[ID].video_url == VIDEO


def test_a_system_error_is_free_and_a_failure_perhaps_not() -> None:
    told = {name: talk(pixazo.look([JOB]), reply(name)).value[ID] for name in ("error", "failed")}

    assert {name: one.failure.charged for name, one in told.items() if one.failure} == {
        "error": False,
        "failed": None,
    }


def test_a_system_error_is_the_providers_whatever_its_words() -> None:
    broken = changed(status="ERROR", error="Retry policy exhausted")

    failure = talk(pixazo.look([JOB]), broken).value[ID].failure

    assert failure
    assert (failure.code, failure.charged) == ("provider_error", False)


def test_a_word_that_we_do_not_know_keeps_a_job_running(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        snapshot = talk(pixazo.look([JOB]), changed(status="UPSCALING")).value[ID]

    assert snapshot.state is JobState.WORKING
    assert "do not know" in caplog.text


# 4.4: errors -----------------------------------------------------------------------------------


def test_a_model_that_is_not_to_be_had_is_a_400() -> None:
    caught = talk(pixazo.submit(an_order()), reply("model-not-found", 400)).error

    assert isinstance(caught, Unavailable)
    assert caught.message == "Model 'minimax-hailuo-ai' not found or is disabled"


def test_an_empty_wallet_is_ours_to_fill() -> None:
    caught = talk(pixazo.submit(an_order()), reply("insufficient-balance", 402)).error

    assert isinstance(caught, Misconfigured)
    assert caught.message == "Your wallet does not have enough balance."


def test_the_gateway_speaks_for_itself() -> None:
    caught = talk(pixazo.submit(an_order()), reply("gateway-unauthorized", 401)).error

    assert isinstance(caught, Misconfigured)
    assert caught.message.startswith("Access denied due to invalid subscription key.")


def test_a_refusal_without_a_message_shows_its_name() -> None:
    caught = talk(pixazo.submit(an_order()), says({"error": "Bad Request"}, 400)).error

    assert isinstance(caught, Refused)
    assert caught.message == "Bad Request"


def test_a_gateway_that_knows_no_such_address_says_nothing_of_a_job() -> None:
    assert type(talk(pixazo.look([JOB]), reply("gateway-no-route", 404)).error) is Busy


# 4.5: webhooks ---------------------------------------------------------------------------------


def test_nothing_of_a_webhook_is_believed_but_whose_it_is() -> None:
    lying = {**document("pixazo", "completed"), "output": {"media_url": "http://169.254.169.254/"}}

    assert pixazo.webhook(headers={}, body=json.dumps(lying).encode()) == Knock(ID)


@pytest.mark.parametrize("content", [b"[]", b'[{"request_id": "a"}]', b'"a"'])
def test_a_webhook_is_an_object(content: bytes) -> None:
    with pytest.raises(ValueError):
        pixazo.webhook(headers={}, body=content)


def test_a_request_is_recognised_by_the_status_call_alone() -> None:
    heard = talk(pixazo.recognise(JOB), reply("completed"))

    assert [str(one.url) for one in heard.requests] == [
        f"https://gateway.pixazo.ai/v2/requests/status/{ID}"
    ]


def test_nothing_is_recognised_without_knowing_when_it_was_ordered() -> None:
    job = replace(JOB, sent_at=None)

    assert talk(pixazo.recognise(job), reply("completed")).value.state is JobState.MISSING


def test_somebody_elses_request_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        snapshot = talk(pixazo.recognise(JOB), changed(model_id="kling-ai-video")).value

    assert snapshot.state is JobState.MISSING
    assert snapshot.raw["model_id"] == "kling-ai-video"
    assert "does not match" in caplog.text


def test_a_request_they_do_not_know_is_nobody_elses(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        snapshot = talk(pixazo.recognise(JOB), reply("not-found", 404)).value

    assert snapshot.state is JobState.MISSING
    assert caplog.text == ""


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_question_that_fails_recognises_nothing_and_denies_nothing(status: int) -> None:
    caught = talk(pixazo.recognise(JOB), error(status)).error

    assert isinstance(caught, Busy | Misconfigured)
