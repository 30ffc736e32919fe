"""
Whatever a provider answers, in whatever order and from whatever stale worker, the rows obey the
law and the books agree with them. No network: each step is what a loop would write down.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.claims import Claim, take
from billing import audit, ledger, rates
from generations import lifecycle, orders, refusals
from generations.models import Attempt, Clip, Generation
from generations.models.attempt import AttemptState
from generations.providers.base import (
    Accepted,
    Busy,
    Failure,
    JobState,
    Refused,
    Snapshot,
    Unclear,
)
from generations.routing import Route
from generations.spec import ClipSpec
from tests.factories import a_workspace

pytestmark = pytest.mark.slow

QUOTED = 280_000
SNAPSHOTS = st.sampled_from(
    [
        Snapshot(JobState.WORKING, progress=40),
        Snapshot(JobState.DONE, video_url="https://example.org/v.mp4", cost=Decimal("0.28")),
        Snapshot(JobState.FAILED, failure=Failure("content_policy", "no")),
    ]
)
ANSWERS = st.sampled_from(
    [
        Accepted("job"),
        Accepted("job", Snapshot(JobState.DONE, video_url="https://example.org/v.mp4")),
        Busy("full"),
        Unclear("cut"),
        Unclear("cut"),
        Refused("no"),
    ]
)


class Lives(RuleBasedStateMachine):
    """One generation, the claims made on it, and what their workers do, stale ones too."""

    def __init__(self) -> None:
        super().__init__()
        sku, before = "hailuo-2.3/text-to-video/768P/6", timezone.now() - timedelta(days=1)
        rates.enter([("runware", sku, QUOTED)], at=before, note="test")
        self.workspace = a_workspace(deposit="5.00")
        placed = orders.place(
            customer=orders.Customer(workspace=self.workspace),
            spec=ClipSpec(model="hailuo-2.3", prompt="A red kite"),
            now=timezone.now(),
        )
        self.id = placed[0].pk
        self.claims: list[Claim[Generation]] = []
        self.ends: list[str] = []

    @rule(data=st.data(), stale=st.sampled_from([False, False, True]))
    def a_worker_does_the_next_thing(self, data: st.DataObject, stale: bool) -> None:
        """With a lease of its own, or believing in one that others have taken over since."""
        if not stale:
            self._take_over()
        if self.claims:
            claim = data.draw(st.sampled_from(self.claims)) if stale else self.claims[-1]
            getattr(self, f"_{claim.row.state}", lambda *_: None)(claim, data)

    def _queued(self, claim: Claim[Generation], data: st.DataObject) -> None:
        lifecycle.begin(claim, route=Route(**claim.row.routes[0]))

    def _submitting(self, claim: Claim[Generation], data: st.DataObject) -> None:
        attempt, answer = self._attempt(), data.draw(ANSWERS)
        if isinstance(answer, Accepted):
            own = replace(answer, job_id=str(attempt.token))
            lifecycle.accepted(claim, attempt=attempt, answer=own)
        elif isinstance(answer, Busy):
            lifecycle.returned(claim, attempt=attempt, error=answer, wait=timedelta(0))
        elif isinstance(answer, Refused):
            lifecycle.refused(claim, error=answer)
        else:
            lifecycle.unclear(claim, attempt=attempt, error=answer)

    def _unknown(self, claim: Claim[Generation], data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            attempt = self._attempt()
            lifecycle.accepted(claim, attempt=attempt, answer=Accepted(str(attempt.token)))
        else:
            self._running(claim, data)

    def _running(self, claim: Claim[Generation], data: st.DataObject) -> None:
        lifecycle.seen(claim, attempt=self._attempt(), snapshot=data.draw(SNAPSHOTS))

    def _storing(self, claim: Claim[Generation], data: st.DataObject) -> None:
        code = data.draw(st.sampled_from(["", "gone", "not_a_video"]))
        if code:
            lifecycle.not_stored(claim, attempt=self._attempt(), code=code, message="no")
        else:
            lifecycle.delivered(claim, attempt=self._attempt(), clip=a_clip())

    @rule(wish=st.integers(0, 9))
    def cancel(self, wish: int) -> None:
        if wish:  # or every life would end here
            return
        with contextlib.suppress(refusals.OrderError):
            orders.cancel(generation=Generation.objects.get(pk=self.id))

    @invariant()
    def the_books_agree(self) -> None:
        row = Generation.objects.get(pk=self.id)
        balance = ledger.balance(self.workspace.wallet)
        assert balance.held == (0 if row.finished_at else QUOTED)
        assert balance.available + balance.held == 5_000_000 - row.charged
        assert row.charged == (QUOTED if row.state == "succeeded" else 0)

    @invariant()
    def an_end_is_an_end(self) -> None:
        row = Generation.objects.get(pk=self.id)
        self.ends += [row.state] if row.finished_at else []
        assert len(set(self.ends)) <= 1

    @invariant()
    def at_most_one_attempt_is_open(self) -> None:
        open_attempts = Attempt.objects.filter(generation=self.id, state=AttemptState.OPEN)
        assert open_attempts.count() <= 1

    def teardown(self) -> None:
        assert audit.faults() == []

    def _take_over(self) -> None:
        """The row is due and whoever had it was killed, or so it seems."""
        Generation.objects.filter(pk=self.id).update(lease_until=None, due_at=timezone.now())
        where = "finished_at IS NULL AND workspace_id = %s"
        self.claims += take(Generation, where=where, parameters=[self.workspace.pk], limit=1)

    def _attempt(self) -> Attempt:
        return Attempt.objects.filter(generation=self.id).latest("number")


def a_clip() -> Clip:
    return Clip(
        name="clips/x.mp4",
        content_type="video/mp4",
        bytes=1,
        sha256="0" * 64,
        width=1366,
        height=768,
        duration_ms=6000,
        codec="h264",
    )


class TestLives(TestCase):
    def test_they_obey_the_law_and_the_books_agree(self) -> None:
        run_state_machine_as_test(
            Lives,
            settings=settings(
                max_examples=100,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
