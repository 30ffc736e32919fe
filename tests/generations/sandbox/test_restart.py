"""A provider forgets nothing that it has accepted; neither does the sandbox when it is killed."""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from tests.generations.sandbox.house import a_task

pytestmark = pytest.mark.slow


def test_it_stops_within_two_seconds_even_while_it_renders_and_is_asked(own_house):
    own_house.submit("A clip that nobody has rendered before, mountains")
    own_house.client.get("/healthz")
    time.sleep(0.5)
    children = psutil.Process(own_house.process.pid).children(recursive=True)

    gone = own_house.stop()

    assert gone < 2
    assert own_house.process.returncode == 0
    assert children
    assert not any(child.is_running() for child in children)


def test_killed_it_keeps_its_jobs_their_results_and_its_counters(own_house):
    own_house.set(slow=0)
    done = own_house.submit("Waves [[stock]]", numberResults=2)
    before = own_house.finished(done)
    failed = own_house.submit("Waves [[fail]]")
    own_house.finished(failed)
    refused = a_task(fps=1)
    own_house.post(refused)

    own_house.stop(signal.SIGKILL)
    own_house.start()

    assert own_house.finished(done) == before
    assert own_house.client.get(before["data"][0]["videoURL"]).status_code == 200
    assert own_house.finished(failed)["errors"][0]["code"] == "taskFailed"
    assert own_house.job(refused["taskUUID"])["state"] == "refused"
    assert own_house.balance() == 999.44
    assert own_house.counters()["runware.accepted"] == 2


def test_killed_it_renders_what_was_under_way_and_sends_what_it_owes(own_house, listener):
    own_house.set(slow=0.8)
    task = a_task(webhookURL=listener.url)
    assert own_house.post(task).status_code == 200

    own_house.stop(signal.SIGKILL)
    time.sleep(1)
    own_house.start()

    (call,) = listener.wait_for(1)
    assert call.body["status"] == "success"
    assert call.body["videoUUID"] == own_house.clip(task["taskUUID"])["videoUUID"]
    assert own_house.job(task["taskUUID"])["billed"] == 280_000
    assert own_house.post(task).json()["errors"][0]["code"] == "conflictTaskUUID"


def test_a_webhook_that_was_owed_is_sent_after_a_kill(own_house, listener):
    own_house.set(slow=0, webhook_late=1)
    task = own_house.submit("Waves [[stock]]", webhookURL=listener.url)
    own_house.finished(task)
    assert listener.calls == []

    own_house.stop(signal.SIGKILL)
    own_house.start()

    assert listener.wait_for(1)[0].body["taskUUID"] == task


def test_knobs_survive_a_kill(own_house):
    own_house.set(**{"429": True})

    own_house.stop(signal.SIGKILL)
    own_house.start()

    assert own_house.post(a_task()).status_code == 429
