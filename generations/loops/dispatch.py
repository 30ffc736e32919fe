"""
queued → a provider: hand out the free places in turn, write the attempts, send them.

Providers that answer only when the clip is rendered are the business of `hold.py`; the places are
handed out here for them too.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import httpx
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.claims import take
from accounts.concurrency import in_database
from accounts.crashpoints import crashpoint
from generations import (
    capacity,
    connect,
    deadlines,
    health,
    lifecycle,
    nudges,
    orders,
    queue,
    routing,
    sending,
)
from generations.loops.session import Begun, Held, Sessions
from generations.models import Attempt, Generation
from generations.models.attempt import AttemptState
from generations.providers.base import (
    Accepted,
    Busy,
    Misconfigured,
    ProviderError,
    Refused,
    RenderOrder,
    Unclear,
)
from generations.routing import Candidate
from generations.states import State
from generations.transport import drive

#: Orders examined for one round of places, and how soon those beyond it are seen.
EXAMINED = 500
LATER = timedelta(seconds=2)
MOST_WAIT = 60.0


def run(
    *, limit: int | None = None, now: datetime | None = None, sessions: Sessions | None = None
) -> int:
    """
    Send what is due and stay until all of it is answered, taking up more meanwhile.

    Returns how many orders were sent or ended; 0 where this process is at it already.
    """
    take_up = partial(hand_out, blocking=False, now=now)
    return (sessions or _sessions).run(take_up, limit=limit)


def hand_out(*, blocking: bool, limit: int, now: datetime | None = None) -> tuple[list[Begun], int]:
    """
    Give the free places of the providers to the orders whose turn it is.

    :param blocking: only places with providers that do, or do not, answer at once.
    :returns: the attempts that were begun, and how many orders ended: they had waited too long, or
        their workspace is suspended.
    """
    with transaction.atomic():
        capacity.alone()
        round_ = _Round.at(now or timezone.now(), blocking=blocking, limit=limit)
        round_.play()
        begun = _begun(round_.chosen, limit=limit, now=now)
        _look_later(round_.stuck if round_.is_crowded else [], round_.now)
    if round_.others:
        nudges.now("dispatch" if blocking else "hold")
    return begun, _end(round_.expired, now=now) + _give_back(round_.shut_out)


async def send(claim: Held, attempt: Attempt, client: httpx.AsyncClient) -> None:
    """Send one order and write down what came of it."""
    if order := await in_database(prepare, claim, attempt):
        await send_attempt(claim, attempt, order, client)


async def send_attempt(
    claim: Held, attempt: Attempt, order: RenderOrder, client: httpx.AsyncClient
) -> None:
    """One sending of one attempt; what the provider says decides the next state."""
    provider = connect.provider(attempt.provider)
    blocking = provider.capabilities.blocking
    timeout = connect.BLOCKING_SUBMIT_TIMEOUT if blocking else connect.SUBMIT_TIMEOUT
    try:
        answer = await drive(provider.submit(order), client=client, timeout=timeout)
    except asyncio.CancelledError:
        cut = Unclear("the worker was stopped before the answer came")
        await in_database(lifecycle.unclear, claim, attempt=attempt, error=cut)
        raise
    except ProviderError as error:
        await in_database(not_accepted, claim, attempt, error)
    else:
        await in_database(_accepted, claim, attempt, answer)


def prepare(claim: Held, attempt: Attempt) -> RenderOrder | None:
    """
    What is to be sent, noting that from now on something may have been.

    None when it could not be made ready: then certainly nothing was sent.
    """
    try:
        order = sending.render_order(claim.row, attempt)
    except Exception as error:  # such as a storage that does not answer
        said = Busy(f"It could not be made ready: {error}", code="not_ready")
        not_accepted(claim, attempt, said)
        return None
    if not connect.provider(attempt.provider).capabilities.idempotent:
        Attempt.objects.filter(pk=attempt.pk).update(sent_at=Now())
    return order


def not_accepted(claim: Held, attempt: Attempt, error: ProviderError) -> None:
    """What each kind of error asks for; see `providers/base.py`."""
    if claim.row.state == State.UNKNOWN and not isinstance(error, Refused):
        lifecycle.waited(claim)  # this sending was not taken; that says nothing of the one before
    elif isinstance(error, Refused):
        lifecycle.refused(claim, error=error)
    elif isinstance(error, Busy | Misconfigured):
        lifecycle.returned(claim, attempt=attempt, error=error, wait=_wait(attempt, error))
    else:
        lifecycle.unclear(claim, attempt=attempt, error=error)
    if isinstance(error, Misconfigured):
        health.pause(attempt.provider, error)
    elif error.code != "not_ready":
        health.did_not_take(attempt, error)


def _accepted(claim: Held, attempt: Attempt, answer: Accepted) -> None:
    try:
        lifecycle.accepted(claim, attempt=attempt, answer=answer)
    except IntegrityError:
        # They named a job that is another order's: whatever became of this one, it is not that.
        error = Unclear("They named a job that is another order's.", raw=answer.raw)
        lifecycle.unclear(claim, attempt=attempt, error=error)
    crashpoint("CP9")
    health.took(attempt.provider)


def _wait(attempt: Attempt, error: ProviderError) -> timedelta:
    """How long this provider is not asked for this order again."""
    asked = error.retry_after if isinstance(error, Busy) else None
    return timedelta(seconds=min(MOST_WAIT, 2.0**attempt.number) if asked is None else asked)


@dataclass(slots=True)
class _Round:
    """One handing out of places."""

    now: datetime
    blocking: bool
    limit: int
    loads: dict[str, capacity.Load]
    budget: int
    waiting: list[Generation]
    asked: dict[uuid.UUID, set[str]]
    chosen: dict[uuid.UUID, list[Candidate]]
    stuck: list[Generation]
    expired: list[Generation]
    shut_out: list[Generation]
    others: bool = False

    @classmethod
    def at(cls, now: datetime, *, blocking: bool, limit: int) -> _Round:
        waiting = queue.turns(limit=EXAMINED, at=now)
        return cls(
            now=now,
            blocking=blocking,
            limit=limit,
            loads=capacity.loads(at=now) if waiting else {},
            budget=settings.MAX_FAILOVER_LOSS_PER_DAY - capacity.lost_today(at=now),
            waiting=waiting,
            asked=_asked(waiting, now),
            chosen={},
            stuck=[],
            expired=[],
            shut_out=[],
        )

    @property
    def is_crowded(self) -> bool:
        """More wait than were examined: the stuck ones step aside for those behind them."""
        return len(self.waiting) == EXAMINED

    def play(self) -> None:
        for generation in self.waiting:
            if generation.workspace.suspended_at:
                self.shut_out.append(generation)
            elif deadlines.passed(generation, now=self.now, lookup=False):
                self.expired.append(generation)
            elif len(self.chosen) < self.limit:
                self._place(generation)

    def _place(self, generation: Generation) -> None:
        """On the best route with a free place; the best ones come first."""
        found = routing.candidates(
            generation,
            loads=self.loads,
            asked=self.asked.get(generation.pk, ()),
            budget=self.budget,
        )
        best = next((one.route for one in found if not one.reason), None)
        if best is None:
            self.stuck.append(generation)
            return
        self.loads[best.provider] = self.loads[best.provider].with_one_more()
        self.budget -= routing.loss(generation, best)
        if connect.provider(best.provider).capabilities.blocking is self.blocking:
            self.chosen[generation.pk] = found
        else:
            self.others = True


def _asked(waiting: Iterable[Generation], now: datetime) -> dict[uuid.UUID, set[str]]:
    """Order → the providers that cannot take it yet."""
    returned = Attempt.objects.filter(
        generation__in=waiting, state=AttemptState.RETURNED, retry_at__gt=now
    )
    found: dict[uuid.UUID, set[str]] = {}
    for generation, provider in returned.values_list("generation_id", "provider"):
        found.setdefault(generation, set()).add(provider)
    return found


def _begun(
    chosen: dict[uuid.UUID, list[Candidate]], *, limit: int, now: datetime | None
) -> list[Begun]:
    """The claims and the attempts, written down in the transaction that counted the places."""
    begun = []
    claims = _claimed(chosen, limit=limit, now=now)
    crashpoint("CP5")
    for claim in claims:
        found = chosen[claim.row.pk]
        best = next(one.route for one in found if not one.reason)
        if attempt := lifecycle.begin(claim, route=best, found=found):
            begun.append((claim, attempt))
    for provider in {attempt.provider for _, attempt in begun}:
        health.try_out(provider)
    return begun


def _claimed(ids: Collection[uuid.UUID], *, limit: int, now: datetime | None) -> list[Held]:
    if not ids:
        return []
    where = "state = 'queued' AND id = ANY(%s)"
    claims = take(Generation, where=where, parameters=[list(ids)], limit=limit, now=now)
    by_id = {claim.row.pk: claim for claim in claims}
    return [by_id[one] for one in ids if one in by_id]


def _look_later(stuck: Iterable[Generation], now: datetime) -> None:
    ids = [generation.pk for generation in stuck]
    if ids:
        rows = Generation.objects.filter(pk__in=ids, state=State.QUEUED)
        rows.update(due_at=now + LATER)


def _end(expired: Iterable[Generation], *, now: datetime | None) -> int:
    """Nobody could take them in time."""
    ended = [
        lifecycle.failed(claim, code="no_capacity")
        for claim in _claimed([one.pk for one in expired], limit=EXAMINED, now=now)
    ]
    connection.close()
    return len(ended)


def _give_back(shut_out: Iterable[Generation]) -> int:
    """Staff have suspended their workspaces: nothing new is sent for them."""
    why = "Canceled: the workspace is suspended."
    ended = [orders.withdraw(generation, why=why) for generation in shut_out]
    connection.close()
    return sum(ended)


_sessions = Sessions(send)
