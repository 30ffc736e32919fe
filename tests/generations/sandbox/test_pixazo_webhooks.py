"""Webhooks of Pixazo: asked for by a header, tried once (providers.md 4.5)."""

from __future__ import annotations

import time

import pytest

from tests.generations.sandbox.house import eventually
from tests.generations.sandbox.house_single import Pixazo


@pytest.fixture
def pixazo(house):
    return Pixazo(house)


def order(pixazo, listener, prompt):
    headers = {"X-Webhook-URL": listener.url}
    return pixazo.id_of(pixazo.post(pixazo.an_order(prompt=prompt), **headers))


@pytest.mark.parametrize("knob", ["stock", "fail", "system-error"])
def test_a_webhook_says_what_a_look_says(pixazo, listener, knob):
    job = order(pixazo, listener, f"Waves [[{knob}]]")

    (call,) = listener.wait_for(1)

    assert (call.method, call.body) == ("POST", pixazo.ended(job))
    eventually(lambda: pixazo.counter("webhooks_delivered") == 1)


def test_an_unwilling_endpoint_is_not_tried_again(pixazo, listener):
    listener.answers = [500]
    order(pixazo, listener, "Waves [[stock]]")

    listener.wait_for(1)
    eventually(lambda: pixazo.counter("webhooks_given_up") == 1)
    time.sleep(0.5)

    assert len(listener.calls) == 1


def test_the_callback_url_of_the_body_is_never_called(pixazo, listener):
    job = pixazo.submit("Waves [[stock]]", callback_url=listener.url)

    pixazo.ended(job)
    time.sleep(0.3)

    assert listener.calls == []


@pytest.mark.parametrize("address", ["hook", "ftp://127.0.0.1/", "https://example.com/hook"])
def test_a_webhook_elsewhere_is_refused(pixazo, address):
    answer = pixazo.post(pixazo.an_order(), **{"X-Webhook-URL": address})

    assert answer.status_code == 400
    assert "X-Webhook-URL" in answer.json()["message"]
