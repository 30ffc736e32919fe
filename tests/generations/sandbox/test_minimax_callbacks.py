"""Callbacks of MiniMax: a challenge first, then lower-case words, once each (providers.md 6.6)."""

from __future__ import annotations

import signal
import time

import pytest

from tests.generations.sandbox.house import eventually
from tests.generations.sandbox.house_minimax import SUCCESS, MiniMax, an_order, listen


@pytest.fixture
def minimax(house):
    return MiniMax(house)


@pytest.fixture
def endpoint():
    found, server = listen()
    yield found
    server.shutdown()
    server.server_close()


def test_an_address_is_challenged_and_then_told_every_change(minimax, endpoint):
    task = minimax.submit("Waves [[stock, slow=0.3]]", callback_url=endpoint.url)

    begun, done = endpoint.wait_for(2)

    assert len(endpoint.challenges) == 1
    assert begun == {"task_id": task, "status": "processing", "base_resp": SUCCESS}
    assert done == {**minimax.query(task).json(), "status": "success"}
    eventually(lambda: minimax.counter("webhooks_delivered") == 2)


def test_the_challenge_comes_before_the_submit_is_answered(minimax, endpoint):
    endpoint.delay = 0.3
    began = time.monotonic()

    minimax.submit("Waves [[never]]", callback_url=endpoint.url)

    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("knob", "status"), [("fail", 0), ("fail=1026", 1026), ("moderation-render", 1027)]
)
def test_a_failure_is_told_with_its_code(minimax, endpoint, knob, status):
    task = minimax.submit(f"Waves [[{knob}, slow=0.3]]", callback_url=endpoint.url)

    _, failed = endpoint.wait_for(2)

    assert (failed["task_id"], failed["status"]) == (task, "failed")
    assert failed["base_resp"]["status_code"] == status


@pytest.mark.parametrize("reply", [{"challenge": "other"}, {}, [], "text"])
def test_without_the_right_echo_the_task_runs_without_callbacks(minimax, endpoint, reply):
    endpoint.reply = reply

    task = minimax.submit("Waves [[stock]]", callback_url=endpoint.url)

    assert minimax.ended(task)["status"] == "Success"
    time.sleep(0.3)
    assert endpoint.told == []
    assert minimax.counter("challenges_failed") == 1


def test_an_echo_after_three_seconds_is_none(minimax, endpoint):
    endpoint.delay = 3.4
    began = time.monotonic()

    task = minimax.submit("Waves [[stock]]", callback_url=endpoint.url)

    assert 2.9 <= time.monotonic() - began < 3.4
    assert minimax.ended(task)["status"] == "Success"
    time.sleep(0.5)
    assert endpoint.told == []


def test_an_address_that_nobody_listens_at_costs_only_the_callbacks(minimax):
    task = minimax.submit("Waves [[stock]]", callback_url="http://127.0.0.1:9/hook")

    assert minimax.ended(task)["status"] == "Success"


def test_an_unwilling_endpoint_is_not_tried_again(minimax, endpoint):
    endpoint.status = 500
    minimax.submit("Waves [[stock]]", callback_url=endpoint.url)

    endpoint.wait_for(2)
    eventually(lambda: minimax.counter("webhooks_given_up") == 2)
    time.sleep(0.4)

    assert len(endpoint.told) == 2


def test_nobody_is_challenged_for_an_order_that_is_refused(minimax, endpoint):
    minimax.post(an_order(duration=7, callback_url=endpoint.url))

    assert endpoint.challenges == []


def test_a_callback_that_is_owed_is_sent_after_a_kill(own_house, endpoint):
    minimax = MiniMax(own_house)
    minimax.submit("Waves [[stock, slow=0.5]]", callback_url=endpoint.url)
    endpoint.wait_for(1)

    own_house.stop(signal.SIGKILL)
    own_house.start()

    assert endpoint.wait_for(2)[-1]["status"] == "success"
    assert len(endpoint.challenges) == 1
