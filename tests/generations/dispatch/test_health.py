"""Failover, breaker, pauses and trial jobs, with companies that answer as told over real HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from generations import health, tasks
from generations.loops import balances, dispatch, look
from generations.models import Attempt, Generation, ProviderStatus
from generations.providers.base import Busy
from generations.states import State
from tests.generations.dispatch.conftest import able

pytestmark = pytest.mark.django_db(transaction=True)

BAD = (500, {"error": "oops"})
GONE = (503, {"gone": True})
TAKEN = None


def status(name="east"):
    return ProviderStatus.objects.get(pk=name)


def later(**span):
    """Time goes by for everything that was written down about providers and orders."""
    passed = timedelta(**span)
    moments = [
        "paused_until", "broken_until", "busy_until", "trial_until", "mended_at", "balance_due_at",
    ]  # fmt: skip
    ProviderStatus.objects.update(**{name: F(name) - passed for name in moments})
    Attempt.objects.update(submitted_at=F("submitted_at") - passed, retry_at=F("retry_at") - passed)
    Generation.objects.update(due_at=F("due_at") - passed)


def states(generations):
    rows = Generation.objects.in_bulk([one.pk for one in generations])
    return [rows[one.pk].state for one in generations]


@pytest.mark.parametrize(
    ("answer", "cause"), [((429, {}), "busy"), (GONE, "model"), ((401, {}), "misconfigured")]
)
def test_an_order_that_one_does_not_take_goes_to_the_next(companies, place, wire, answer, cause):
    companies(cheap=28, dear=35)
    wire.says("cheap/submit", answer)
    [order] = place()

    dispatch.run()
    dispatch.run()

    assert states([order]) == [State.RUNNING]
    tried = order.attempts.order_by("number").values_list("provider", "state")
    assert list(tried) == [("cheap", "returned"), ("dear", "open")], cause


def test_a_refusal_fails_at_once_and_is_nobodys_bad_health(companies, place, wire):
    companies(cheap=28, dear=35)
    wire.says("cheap/submit", (400, {"error": "no kites"}))
    placed = place(12)

    dispatch.run()

    assert states(placed) == [State.FAILED] * 12
    assert wire.count("dear/submit") == 0
    assert not ProviderStatus.objects.filter(break_seconds__gt=0).exists()


def test_an_unclear_outcome_is_never_sent_elsewhere(companies, place, wire):
    companies(cheap=28, dear=35)
    wire.says("cheap/submit", BAD)
    [order] = place()

    dispatch.run()
    look.run()
    dispatch.run()

    assert states([order]) == [State.UNKNOWN]
    assert (wire.count("cheap/submit"), wire.count("dear/submit")) == (1, 0)


def test_five_bad_ones_of_the_last_ten_open_the_breaker(companies, place, wire):
    companies(east=28)
    wire.says("east/submit", (200, {"job": "a"}), (200, {"job": "b"}), *[BAD] * 5)
    placed = place(9)
    for _ in range(9):
        dispatch.run(limit=1)

    assert wire.count("east/submit") == 7
    assert status().break_seconds == 30
    assert states(placed[7:]) == [State.QUEUED] * 2


def test_troubles_of_more_than_ten_minutes_ago_are_forgotten(companies, place, wire):
    companies(east=28)
    wire.says("east/submit", BAD)
    place(5)
    for _ in range(4):
        dispatch.run(limit=1)
    later(minutes=11)
    dispatch.run(limit=1)

    assert status().break_seconds == 0


def test_an_open_breaker_lets_one_job_through_and_closes_by_one_success(companies, place, wire):
    companies(east=28)
    broken(companies, place, wire)
    waiting = place(3)
    wire.says("east/submit", (200, {"job": "t1"}), (200, {"job": "t2"}), (200, {"job": "t3"}))

    later(seconds=31)
    begun, _ = dispatch.hand_out(blocking=False, limit=50)
    assert len(begun) == 1, "half-open: one job"
    assert dispatch.run() == 0, "nothing else until it is decided"
    later(seconds=61)  # the trial was lost with its worker
    dispatch.run()
    dispatch.run()

    assert status().break_seconds == 0
    assert states(waiting).count(State.RUNNING) == 2


def test_a_bad_trial_opens_it_for_twice_as_long_up_to_five_minutes(companies, place, wire):
    companies(east=28)
    broken(companies, place, wire)
    place(6)

    lengths = [status().break_seconds]
    for _ in range(5):
        later(seconds=lengths[-1] + 1)
        dispatch.run()
        lengths.append(status().break_seconds)

    assert lengths == [30, 60, 120, 240, 300, 300]


def test_being_busy_never_opens_the_breaker_and_is_respected(companies, place, wire):
    companies(east=28)
    wire.says("east/submit", (429, {}))
    wire.headers["Retry-After"] = "20"
    place(8)
    for _ in range(8):
        dispatch.run(limit=1)
    assert wire.count("east/submit") == 1

    later(seconds=21)
    dispatch.run(limit=1)

    assert wire.count("east/submit") == 2
    assert status().break_seconds == 0


def test_without_a_word_on_when_to_return_the_pause_doubles_to_a_minute(companies, place):
    companies(east=28)
    [_], [(_, attempt)] = place(), dispatch.hand_out(blocking=False, limit=1)[0]

    rests = []
    for _ in range(7):
        health.did_not_take(attempt, Busy())
        rests.append(status().busy_seconds)

    assert rests == [2, 4, 8, 16, 32, 60, 60]


def test_our_own_fault_pauses_and_a_free_question_about_our_money_ends_it(companies, place, wire):
    companies(east=28)
    wire.says("east/submit", (402, {}), (200, {"job": "a"}))
    wire.says("east/balance", (402, {}), (200, {"balance": "12.50"}))
    [order] = place()
    dispatch.run()
    assert status().pause_seconds == 60

    later(seconds=61)
    assert balances.run() == 1
    assert status().pause_seconds == 120, "still no money"
    later(seconds=121)
    balances.run()
    dispatch.run()

    assert (status().pause_seconds, status().balance) == (0, 12_500_000)
    assert states([order]) == [State.RUNNING]


def test_what_is_left_with_a_provider_is_asked_now_and_then_without_any_trouble(companies, wire):
    companies(east=28, west=35)
    wire.says("east/balance", (200, {"balance": "12.50"}))
    wire.says("west/balance", (401, {}))

    tasks.our_money()

    assert status().balance == 12_500_000
    paused = ProviderStatus.objects.filter(pause_seconds__gt=0)
    assert not paused.exists(), "a key may be good for orders and for nothing else"


def test_who_is_paused_is_asked_by_its_pauses_end_and_no_earlier(companies, place, wire):
    companies(east=28)
    wire.says("east/submit", (402, {}))
    wire.says("east/balance", (200, {"balance": "0.01"}))
    place()
    dispatch.run()

    tasks.our_money()

    assert (status().pause_seconds, status().balance) == (60, None)


def test_ten_failed_looks_in_a_row_pause_new_orders_and_one_fewer_does_not(companies, place, wire):
    companies(east=28)
    [order] = place()
    dispatch.run()
    wire.says("east/look", (500, {}))

    for _ in range(9):
        later(minutes=1)
        look.run()
    assert (status().look_errors, status().pause_seconds) == (9, 0)
    wire.says("east/look", (200, {"state": "working"}), (500, {}))
    for _ in range(11):
        later(minutes=1)
        look.run()

    assert status().pause_seconds == 60
    assert states([order]) == [State.RUNNING], "it is followed all the same"


def test_a_provider_that_is_drained_is_followed_to_the_end(companies, place, wire):
    companies(east=28)
    [order] = place()
    dispatch.run()
    ProviderStatus.objects.create(name="east", draining=True)
    wire.says("east/look", (200, {"state": "done", "url": "https://example.org/v.mp4"}))
    later(minutes=2)

    look.run()

    assert states([order]) == [State.STORING]


def test_one_job_that_two_orders_were_given_belongs_to_the_first(companies, place, wire):
    companies(east=28)
    wire.says("east/submit", (200, {"job": "the-same"}))
    placed = place(2)

    dispatch.run(limit=1)
    dispatch.run(limit=1)

    assert states(placed) == [State.RUNNING, State.UNKNOWN]


@pytest.mark.parametrize("answer", [(429, {}), (401, {}), BAD, GONE])
def test_a_repeated_sending_that_is_not_taken_says_nothing_of_the_first(
    companies, place, wire, answer
):
    """Otherwise another provider would get what the first one may be making."""
    companies(able=able(idempotent=True, lookup=True), cheap=28)
    companies(dear=35)
    wire.says("cheap/submit", BAD, answer)
    wire.says("cheap/settle", (200, {"state": "missing"}))
    [order] = place()

    dispatch.run()
    look.run()
    dispatch.run()

    assert states([order]) == [State.UNKNOWN]
    assert (wire.count("cheap/submit"), wire.count("dear/submit")) == (2, 0)


def broken(companies, place, wire):
    wire.says("east/submit", BAD)
    place(5)
    for _ in range(5):
        dispatch.run(limit=1)
    assert status().break_seconds == 30
