"""When jobs are looked at: what was learned, many written down at once, knocks, what never ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import history, knocks, together, waiting
from generations.loops import dispatch, look
from generations.models import Attempt, Generation
from generations.providers.base import JobState, Snapshot
from tests.generations.dispatch.conftest import able

pytestmark = pytest.mark.django_db(transaction=True)

SKU = "hailuo-2.3/text-to-video/768P/6"
WORKING = (200, {"state": "working"})


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def started(order, seconds_ago):
    moment = ago(seconds_ago)
    Generation.objects.filter(pk=order.pk).update(
        started_at=moment, state_since=moment, due_at=timezone.now(), knocked_at=None
    )


def wait_of(order):
    """Seconds until it is looked at again."""
    return (Generation.objects.get(pk=order.pk).due_at - timezone.now()).total_seconds()


def at_work(claim, progress=None):
    snapshot = Snapshot(JobState.WORKING, progress=progress)
    return together.Sight(claim, claim.row.attempts.get(), snapshot)


def a_past(order, *spans):
    """Renders that took so many seconds and were watched closely."""
    now = timezone.now()
    for number, span in enumerate(spans, 100):
        attempt = Attempt.objects.create(
            generation=order, number=number, provider="east", sku=SKU, price=1, cost=1,
            state="returned", looks=2, accepted_at=now - timedelta(seconds=span),
            working_at=now - timedelta(seconds=1), rendered_at=now + timedelta(seconds=1),
        )  # fmt: skip
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=now - timedelta(seconds=span))
    waiting.forget()


def test_the_first_look_comes_when_the_past_says_it_could_be_done(companies, place):
    companies(east=28)
    quick, slow = place(2)
    a_past(quick, *[60.0] * 20)
    dispatch.run(limit=1)
    for_sixty = wait_of(quick)
    Attempt.objects.exclude(rendered_at=None).update(
        accepted_at=F("accepted_at") - timedelta(seconds=240)
    )
    waiting.forget()
    dispatch.run(limit=1)

    assert 25 < for_sixty < 58
    assert 150 < wait_of(slow) < 290


def test_looks_are_frequent_where_done_is_likely_and_rare_where_it_is_not(companies, place, wire):
    companies(east=28)
    [order] = place()
    a_past(order, *range(80, 101))
    dispatch.run()
    wire.says("east/look", WORKING)

    waits = {}
    for age in (20, 88, 400):
        started(order, age)
        look.run()
        waits[age] = wait_of(order)

    assert waits[20] > waits[88] > 0.9
    assert waits[400] > 8, "long past all that was ever seen: no use in asking often"


def test_jobs_asked_about_together_are_due_at_shared_instants(companies, place, wire):
    companies(able=able(batch=20), east=28)
    placed = place(12)
    wire.says("east/look", WORKING)
    dispatch.run()
    for order in placed:
        started(order, 50 + placed.index(order) / 10)

    look.run()

    dues = set(Generation.objects.values_list("due_at", flat=True))
    assert len(dues) < len(placed) / 2
    assert all(due.timestamp() * 8 / 1.5 == pytest.approx(round(due.timestamp() * 8 / 1.5))
               for due in dues)  # fmt: skip


def test_many_at_work_are_written_down_in_a_few_statements(companies, place, wire):
    companies(east=28)
    placed = place(30)
    wire.says("east/look", WORKING)
    dispatch.run(limit=30)
    Attempt.objects.update(looks=1)
    for order in placed:
        started(order, 30)
    claims = look.take(Generation, where="state = 'running'", limit=50)
    jobs = [at_work(claim, progress=number) for number, claim in enumerate(claims)]

    with CaptureQueriesContext(connection) as asked:
        together.still_working(jobs)

    statements = [one["sql"] for one in asked if one["sql"].startswith("UPDATE")]
    assert len(statements) == 1
    assert sum("UPDATE" in one["sql"] for one in asked) == 2
    rows = Generation.objects.all()
    assert {row.lease_until for row in rows} == {None}
    assert sorted(row.progress for row in rows) == list(range(30))
    assert set(Attempt.objects.values_list("looks", flat=True)) == {2}


def test_somebody_who_overslept_writes_nothing_down(companies, place, wire):
    companies(east=28)
    [order] = place()
    dispatch.run()
    started(order, 30)
    [stale] = look.take(Generation, where="state = 'running'", limit=1)
    Generation.objects.filter(pk=order.pk).update(lease_token=F("lease_token") + 1)

    together.still_working([at_work(stale, progress=77)])

    assert Generation.objects.get(pk=order.pk).progress is None


def test_a_knock_while_many_are_written_down_makes_its_job_due_at_once(companies, place, wire):
    companies(east=28)
    first, second = place(2)
    dispatch.run()
    for order in (first, second):
        started(order, 30)
    claims = look.take(Generation, where="state = 'running'", limit=2)
    knocks.file(first.attempts.get(), b"{}")

    together.still_working([at_work(claim) for claim in claims])

    assert wait_of(first) <= 0 < wait_of(second)


def test_a_share_of_knocks_is_learned_and_looks_become_a_safety_net(companies, place, wire):
    companies(east=28)
    [order] = place()
    a_past(order, *[90.0] * 60)
    without = waiting.first(Attempt(provider="east", sku=SKU), now=timezone.now()).seconds
    Generation.objects.filter(pk=order.pk).update(knocked_at=timezone.now())
    waiting.forget()

    with_knocks = waiting.first(Attempt(provider="east", sku=SKU), now=timezone.now()).seconds

    assert history.knock_share("east") > 0.9
    assert with_knocks > without


def test_what_was_done_when_it_was_accepted_teaches_nothing_about_looks(companies, place, wire):
    companies(east=28)
    wire.says("east/submit", (200, {"job": "j", "state": "done", "url": "https://x.example/v"}))
    place()
    dispatch.run()

    assert history.spans("east", SKU) == []
    assert history.typical_seconds("east", SKU) < 5


def test_seconds_until_due_passes_over_what_somebody_has_in_hand(companies, place, wire):
    companies(east=28)
    first, second = place(2)
    dispatch.run()
    assert look.seconds_until_due() > 1
    started(first, 30)
    look.take(Generation, where="state = 'running'", limit=1)

    assert look.seconds_until_due() == pytest.approx(wait_of(second), abs=0.5)


def test_one_that_cannot_be_written_down_keeps_no_other_from_it(companies, place, wire):
    companies(able=able(batch=20), east=28)
    placed = place(3)
    film = "https://example.org/v.mp4"
    too_dear = {"state": "done", "url": film, "cost": 10**20}  # more than the column holds
    wire.says(
        "east/look",
        (200, {"state": "done", "url": film}),
        (200, too_dear),
        (200, {"state": "done", "url": film}),
    )
    dispatch.run()
    for order in placed:
        started(order, 30)

    look.run()

    states = sorted(Generation.objects.values_list("state", flat=True))
    assert states == ["running", "storing", "storing"]
    assert set(Generation.objects.values_list("lease_until", flat=True)) == {None}
