"""
Another worker has taken the row up since, and left it in the very state it was found in: the lease
token is all that tells the two apart.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.claims import take
from billing import ledger
from generations import lifecycle, orders, together
from generations.models import Attempt, Clip, Event, Generation, Notice
from generations.providers.base import Accepted, Busy, Failure, JobState, Refused, Snapshot, Unclear
from generations.routing import Route
from generations.spec import ClipSpec
from generations.states import State
from generations.together import Sight
from tests.factories import a_workspace

pytestmark = pytest.mark.django_db(transaction=True)

DONE = Snapshot(JobState.DONE, video_url="https://example.org/v.mp4")
FAILED = Snapshot(JobState.FAILED, failure=Failure("content_policy", "no"))
WORKING = Snapshot(JobState.WORKING, progress=77)


@pytest.fixture
def order():
    customer = orders.Customer(workspace=a_workspace(deposit="1.00"))
    spec = ClipSpec(model="hailuo-2.3", prompt="A red kite")
    return orders.place(customer=customer, spec=spec, now=timezone.now())[0]


def claimed(order):
    Generation.objects.filter(pk=order.pk).update(due_at=timezone.now(), lease_until=None)
    return take(Generation, where="id = %s", parameters=[order.pk], limit=1)[0]


def attempt_of(order):
    return order.attempts.get()


def brought_to(order, state):
    """By whoever worked on it before."""
    if state == State.QUEUED:
        return
    claim = claimed(order)
    attempt = lifecycle.begin(claim, route=Route(**order.routes[0]))
    if state == State.UNKNOWN:
        lifecycle.unclear(claim, attempt=attempt, error=Unclear("cut"))
    if state in (State.RUNNING, State.STORING):
        lifecycle.accepted(claim, attempt=attempt, answer=Accepted("job"))
    if state == State.STORING:
        lifecycle.seen(claimed(order), attempt=attempt, snapshot=DONE)


def written_down(order):
    return [
        list(model.objects.filter(**{key: order.pk}).order_by("pk").values())
        for model, key in [
            (Generation, "pk"), (Attempt, "generation"), (Event, "generation"),
            (Notice, "generation"), (Clip, "generation"),
        ]
    ] + [[one.pk for one in ledger.transfers_of(order.reference)]]  # fmt: skip


def begin(claim):
    return lifecycle.begin(claim, route=Route(**claim.row.routes[0]))


def handed_over(claim):
    return lifecycle.handed_over(claim, attempt=attempt_of(claim.row))


def accepted(claim):
    return lifecycle.accepted(claim, attempt=attempt_of(claim.row), answer=Accepted("other"))


def accepted_done(claim):
    answer = Accepted("other", snapshot=DONE)
    return lifecycle.accepted(claim, attempt=attempt_of(claim.row), answer=answer)


def returned(claim):
    wait = timedelta(0)
    return lifecycle.returned(claim, attempt=attempt_of(claim.row), error=Busy("full"), wait=wait)


def unclear(claim):
    return lifecycle.unclear(claim, attempt=attempt_of(claim.row), error=Unclear("cut"))


def refused(claim):
    return lifecycle.refused(claim, error=Refused("no"))


def failed(claim):
    return lifecycle.failed(claim, code="timeout")


def waited(claim):
    return lifecycle.waited(claim)


def seen_working(claim):
    return lifecycle.seen(claim, attempt=attempt_of(claim.row), snapshot=WORKING)


def seen_failed(claim):
    return lifecycle.seen(claim, attempt=attempt_of(claim.row), snapshot=FAILED)


def rendered(claim):
    return together.rendered([Sight(claim, attempt_of(claim.row), DONE)])


def not_stored(claim):
    attempt = attempt_of(claim.row)
    return lifecycle.not_stored(claim, attempt=attempt, code="gone", message="no")


def delivered(claim):
    clip = Clip(
        name="clips/x.mp4", content_type="video/mp4", bytes=1, sha256="0" * 64, width=1366,
        height=768, duration_ms=6000, codec="h264",
    )  # fmt: skip
    return lifecycle.delivered(claim, attempt=attempt_of(claim.row), clip=clip)


STEPS = [
    (State.QUEUED, [begin, failed]),
    (State.SUBMITTING, [handed_over, accepted, accepted_done, returned, unclear, refused]),
    (State.UNKNOWN, [accepted, rendered, waited, failed]),
    (State.RUNNING, [waited, seen_working, seen_failed, rendered, unclear, returned, failed]),
    (State.STORING, [delivered, not_stored, failed]),
]


@pytest.mark.parametrize(
    ("state", "step"),
    [
        pytest.param(state, step, id=f"{state}-{step.__name__}")
        for state, steps in STEPS
        for step in steps
    ],
)
def test_a_lease_that_somebody_took_over_writes_nothing(order, state, step):
    brought_to(order, state)
    stale = claimed(order)
    claimed(order)
    before = written_down(order)

    assert not step(stale)

    assert written_down(order) == before
    assert before[0][0]["state"] == state
