"""Webhooks of finished jobs (providers.md 2.7)."""

from __future__ import annotations

import sqlite3
import time
from itertools import pairwise

import pytest

from tests.generations.sandbox.house import eventually


def test_a_webhook_is_flat_and_says_what_a_poll_says(house, listener):
    task = house.submit("Waves [[stock]]", webhookURL=listener.url)

    (call,) = listener.wait_for(1)

    assert call.method == "POST"
    assert call.body == house.clip(task)
    eventually(lambda: house.counters().get("runware.webhooks_delivered") == 1)


def test_every_result_has_a_webhook_of_its_own(house, listener):
    task = house.submit("Waves [[stock]]", webhookURL=listener.url, numberResults=2)

    calls = listener.wait_for(2)

    told = {call.body["videoUUID"] for call in calls}
    assert told == {item["videoUUID"] for item in house.finished(task)["data"]}


def test_a_failure_is_told_in_the_form_of_errors(house, listener):
    task = house.submit("Waves [[fail=providerTimeout]]", webhookURL=listener.url)

    (call,) = listener.wait_for(1)

    assert call.body["data"] == []
    assert call.body["errors"][0]["code"] == "providerTimeout"
    assert call.body["errors"][0]["taskUUID"] == task


def test_an_unwilling_endpoint_is_tried_again_with_growing_pauses(house, listener):
    listener.answers = [500, 404, 302]
    house.submit("Waves [[stock]]", webhookURL=listener.url)

    calls = listener.wait_for(4)

    pauses = [later.at - earlier.at for earlier, later in pairwise(calls)]
    assert 0.15 <= pauses[0] <= 0.5 <= pauses[2] <= 2
    assert pauses[0] < pauses[1] < pauses[2]
    assert len({call.body["videoUUID"] for call in calls}) == 1


@pytest.mark.slow
def test_an_answer_later_than_five_seconds_is_none(house, listener):
    listener.delay = 5.5
    house.submit("Waves [[stock]]", webhookURL=listener.url)

    first, second, *_ = listener.wait_for(2)

    assert 5 <= second.at - first.at <= 7


def test_ten_tries_are_enough(own_house, listener):
    own_house.set(slow=0)
    listener.answers = [500] * 10
    own_house.submit("Waves [[stock]]", webhookURL=listener.url)
    listener.wait_for(3)
    # Nobody waits 30 seconds for eight second pauses: the store is told that six were made.
    own_house.stop()
    _tried(own_house, 9)
    own_house.start()

    listener.wait_for(4)
    eventually(lambda: own_house.counters().get("runware.webhooks_given_up") == 1)
    time.sleep(0.5)

    assert len(listener.calls) == 4


def test_the_file_is_put_where_the_customer_asked(house, listener):
    task = house.submit("Waves [[stock]]", uploadEndpoint=listener.url)

    (call,) = listener.wait_for(1)

    assert call.method == "PUT"
    assert call.body == house.client.get(house.clip(task)["videoURL"]).content


def _tried(house, times: int) -> None:
    connection = sqlite3.connect(house.state / "sandbox.sqlite3")
    with connection:
        connection.execute("UPDATE deliveries SET tries = ?, due_at = 0", (times,))
    connection.close()
