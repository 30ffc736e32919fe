"""running → done or failed: ask about many jobs at once; settle what was cut off."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Iterator, Sequence
from datetime import datetime
from typing import Any

import httpx

from generations import connect, lifecycle, sending
from generations.claims import Claim, kept, take
from generations.loops.concurrency import in_database, side_by_side
from generations.loops.dispatch import send_attempt
from generations.models import Attempt, Generation
from generations.models.attempt import AttemptState
from generations.providers.base import JobState, ProviderError, Snapshot, Unclear
from generations.states import State
from generations.transport import drive

logger = logging.getLogger(__name__)

DUE = "state IN ('submitting', 'running', 'unknown', 'overdue')"

Held = tuple[Claim[Generation], Attempt]


def run(*, limit: int = 200, now: datetime | None = None) -> int:
    """Look at what is due. Returns how many rows were taken up."""
    claims = take(Generation, where=DUE, limit=limit, now=now)
    if claims:
        with kept(claims):
            held = _with_attempts(claims)
            side_by_side(lambda client: _work(held, client))
    return len(claims)


def _with_attempts(claims: Sequence[Claim[Generation]]) -> list[Held]:
    ids = [claim.row.pk for claim in claims]
    attempts = Attempt.objects.filter(generation__in=ids, state=AttemptState.OPEN)
    by_generation = {attempt.generation_id: attempt for attempt in attempts}
    return [(claim, by_generation[claim.row.pk]) for claim in claims]


def _work(held: Sequence[Held], client: httpx.AsyncClient) -> Iterator[Coroutine[Any, Any, None]]:
    for claim, attempt in held:
        if attempt.provider not in connect.names():
            yield _wait([(claim, attempt)])
        elif claim.row.state == State.SUBMITTING:  # whoever sent it is gone
            yield _cut_off(claim, attempt)
        elif claim.row.state == State.UNKNOWN:
            yield _settle(claim, attempt, client)
    for provider, batch in _batches(held):
        yield _look(provider, batch, client)


def _batches(held: Sequence[Held]) -> Iterator[tuple[str, list[Held]]]:
    """Jobs under way, in as few questions as their provider allows."""
    by_provider: dict[str, list[Held]] = {}
    for claim, attempt in held:
        known = attempt.provider in connect.names()
        if known and claim.row.state in (State.RUNNING, State.OVERDUE):
            by_provider.setdefault(attempt.provider, []).append((claim, attempt))
    for provider, jobs in by_provider.items():
        size = connect.provider(provider).capabilities.batch
        for start in range(0, len(jobs), size):
            yield provider, jobs[start : start + size]


async def _look(provider: str, batch: Sequence[Held], client: httpx.AsyncClient) -> None:
    """One question about a batch. If the question fails, that says nothing about any job."""
    jobs = [sending.job(claim.row, attempt) for claim, attempt in batch]
    exchange = connect.provider(provider).look(jobs)
    try:
        answers = await drive(exchange, client=client, timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        logger.warning("%s could not be asked: %s", provider, error.code)
        answers = {}
    for job, (claim, attempt) in zip(jobs, batch, strict=True):
        await _write_down(claim, attempt, answers.get(job.id))


async def _write_down(
    claim: Claim[Generation], attempt: Attempt, snapshot: Snapshot | None
) -> None:
    if snapshot is None or snapshot.state is JobState.MISSING:
        await in_database(lifecycle.waited, claim)
    else:
        await in_database(lifecycle.seen, claim, attempt=attempt, snapshot=snapshot)


async def _wait(batch: Sequence[Held]) -> None:
    for claim, _ in batch:
        await in_database(lifecycle.waited, claim)


async def _cut_off(claim: Claim[Generation], attempt: Attempt) -> None:
    error = Unclear("the process that sent it ended before the answer was written down")
    await in_database(lifecycle.unclear, claim, attempt=attempt, error=error)


async def _settle(claim: Claim[Generation], attempt: Attempt, client: httpx.AsyncClient) -> None:
    """
    Find out what became of an unclear submission.

    Only a provider that recognises our token is ever sent the same order again.
    """
    provider = connect.provider(attempt.provider)
    if not provider.capabilities.lookup:
        await _wait([(claim, attempt)])
        return
    job = sending.job(claim.row, attempt)
    try:
        snapshot = await drive(provider.settle(job), client=client, timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        logger.warning("%s could not be asked: %s", attempt.provider, error.code)
        await _wait([(claim, attempt)])
        return
    if snapshot.state is JobState.WORKING:
        await in_database(lifecycle.refound, claim, attempt=attempt, job_id=job.id)
    elif snapshot.state is JobState.MISSING and provider.capabilities.idempotent:
        order = await in_database(sending.render_order, claim.row, attempt)
        await send_attempt(claim, attempt, order, client)
    else:
        await _write_down(claim, attempt, snapshot)
