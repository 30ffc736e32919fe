"""Providers that answer only when the clip is rendered: held open, cut, never sent twice."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generations import lifecycle
from generations.loops import dispatch, hold, look, session
from generations.models import Attempt, Generation, ProviderStatus
from generations.states import State
from tests.generations.dispatch.conftest import able

pytestmark = pytest.mark.django_db(transaction=True)

BLOCKING = able(blocking=True, webhook=False, relinks=False)
DONE = (200, {"job": "j", "state": "done", "url": "https://example.org/v.mp4"})


@pytest.fixture
def holding(settings):
    """The hold loop in a thread of its own, as in a worker; stopped as a worker is."""
    settings.SHUTDOWN_GRACE = 0.2
    threads = []

    def work():
        try:
            hold.run()
        finally:
            connection.close()

    def start():
        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return threads[-1]

    yield start
    session.stopping.set()
    for thread in threads:
        thread.join(40)
    session.stopping.clear()


def state_of(order):
    return Generation.objects.get(pk=order.pk).state


def until(wish, within=10):
    deadline = time.monotonic() + within
    while not wish():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def test_dispatch_leaves_them_to_the_hold_loop(companies, place, wire):
    companies(able=BLOCKING, east=28)
    [order] = place()

    assert dispatch.run() == 0
    assert state_of(order) == State.QUEUED
    wire.says("east/submit", DONE)
    assert hold.run() == 1

    assert state_of(order) == State.STORING
    assert order.attempts.get().job_id == "j"


def test_while_it_is_held_open_it_runs_and_nobody_else_takes_it_up(companies, place, wire, holding):
    companies(able=BLOCKING, east=28)
    wire.says("east/submit", DONE)
    wire.answering.clear()
    [order] = place()

    thread = holding()
    until(lambda: state_of(order) == State.RUNNING)
    assert look.run(now=timezone.now() + timedelta(seconds=15)) == 0
    time.sleep(6.5)  # beyond the first renewal of its lease
    assert look.run(now=timezone.now() + timedelta(seconds=15)) == 0
    wire.answering.set()
    thread.join(10)

    assert state_of(order) == State.STORING
    assert wire.count("east/submit") == 1


def test_many_are_held_open_at_once_and_more_are_taken_up_meanwhile(
    companies, place, wire, holding
):
    companies(able=BLOCKING, east=28)
    wire.says("east/submit", *[(200, {**DONE[1], "job": f"j{n}"}) for n in range(15)])
    wire.answering.clear()
    first = place(10)
    holding()
    until(lambda: wire.count("east/submit") == 10)

    more = place(5)
    until(lambda: wire.count("east/submit") == 15)
    wire.answering.set()

    until(lambda: {state_of(one) for one in first + more} == {State.STORING})


def test_two_hold_loops_in_one_process_are_one(companies, place, wire, holding):
    companies(able=BLOCKING, east=28)
    wire.says("east/submit", DONE)
    wire.answering.clear()
    place()
    holding()
    until(lambda: wire.count("east/submit") == 1)

    assert hold.run() == 0


def test_a_worker_that_stops_writes_down_what_it_had_to_cut(
    companies, place, wire, holding, settings
):
    settings.SHUTDOWN_GRACE = 0.2
    companies(able=BLOCKING, east=28)
    wire.answering.clear()
    [order] = place()
    thread = holding()
    until(lambda: wire.count("east/submit") == 1)

    session.stopping.set()
    thread.join(10)

    assert state_of(order) == State.UNKNOWN
    assert wire.count("east/submit") == 1


def test_what_a_killed_worker_held_open_becomes_unknown(companies, place):
    companies(able=BLOCKING, east=28)
    [order] = place()
    [(claim, attempt)], _ = dispatch.hand_out(blocking=True, limit=1)
    dispatch.prepare(claim, attempt)

    lifecycle.handed_over(claim, attempt=attempt)

    look.run(now=timezone.now() + timedelta(seconds=21))

    assert state_of(order) == State.UNKNOWN


def test_what_was_never_sent_goes_back_to_the_queue(companies, place, wire):
    companies(able=BLOCKING, east=28)
    [order] = place()
    dispatch.hand_out(blocking=True, limit=1)  # and the worker was killed

    look.run(now=timezone.now() + timedelta(seconds=21))

    assert state_of(order) == State.QUEUED
    assert order.attempts.get().state == "returned"
    wire.says("east/submit", DONE)
    hold.run()
    assert state_of(order) == State.STORING


@pytest.mark.parametrize(("answer", "state"), [((429, {}), "queued"), ((400, {}), "failed")])
def test_a_refusal_counts_as_from_submitting(companies, place, wire, answer, state):
    companies(able=BLOCKING, east=28)
    wire.says("east/submit", answer)
    [order] = place()

    hold.run()

    row = Generation.objects.get(pk=order.pk)
    assert (row.state, row.started_at is None) == (state, state == "queued")


def test_a_trial_job_of_a_blocking_provider_keeps_others_away_until_it_is_done(companies, place):
    companies(able=BLOCKING, east=28)
    ProviderStatus.objects.create(name="east", break_seconds=30)
    place(2)

    assert len(dispatch.hand_out(blocking=True, limit=9)[0]) == 1
    in_nine_minutes = timezone.now() + timedelta(minutes=9)
    assert dispatch.hand_out(blocking=True, limit=9, now=in_nine_minutes)[0] == []
    assert Attempt.objects.count() == 1
