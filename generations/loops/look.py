"""running → done or failed: ask about many jobs at once; settle what was cut off."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db import DatabaseError, IntegrityError, connection

from accounts import bindings
from accounts.claims import Claim, kept, take
from accounts.concurrency import in_database
from accounts.crashpoints import crashpoint
from generations import connect, deadlines, health, lifecycle, nudges, sending, together
from generations.loops.asking import what_became
from generations.loops.concurrency import side_by_side
from generations.loops.dispatch import send_attempt
from generations.models import Attempt, Generation
from generations.models.attempt import AttemptState
from generations.providers.base import (
    Accepted,
    Busy,
    JobState,
    ProviderError,
    Snapshot,
    Unclear,
)
from generations.states import State
from generations.together import Sight
from generations.transport import drive

logger = logging.getLogger(__name__)

DUE = "state IN ('submitting', 'running', 'unknown', 'overdue')"
NEXT_DUE = f"""
SELECT extract(epoch FROM due_at - statement_timestamp()) FROM generations_generation
 WHERE {DUE} AND lease_until IS NULL ORDER BY due_at LIMIT 1"""

#: Of the rows of thousands of jobs, only what a look needs is read.
UNREAD = [
    "metadata", "tags", "image_url", "api_key_id", "batch", "quote_id", "retry_of_id",
    "orderer_id", "output_format", "output_quality", "first_frame_id", "policy", "max_price",
    "provider_requested", "routes", "rate_version", "charged", "refunded", "error_code",
    "error_message", "provider_message", "finished_at", "deleted_at", "cancel_wished_at",
    "prompt_optimizer", "fast_pretreatment", "watermark",
]  # fmt: skip
READ = ["generation_id", "provider", "sku", "job_id", "looks", "submitted_at", "rendered_at"]

#: So many jobs found at work are written down in one go.
PAGE = 200

Held = tuple[Claim[Generation], Attempt]


def run(*, limit: int = 200, now: datetime | None = None) -> int:
    """
    Look at what is due, and nudge for a helper where more is. Returns how many rows were taken up.
    """
    claims = take(Generation, where=DUE, limit=limit, now=now, without=UNREAD)
    if len(claims) == limit:
        nudges.now("look")
    if claims:
        with kept(claims):
            held, pad = _with_attempts(claims), Notepad()
            side_by_side(lambda client: _work(held, client, pad), finally_=pad.close)
    return len(claims)


def seconds_until_due() -> float | None:
    """Until the next look is due; None when there is nothing to look at."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_DUE)
        row = cursor.fetchone()
    return float(row[0]) if row else None


def _with_attempts(claims: Sequence[Claim[Generation]]) -> list[Held]:
    ids = [claim.row.pk for claim in claims]
    attempts = Attempt.objects.filter(generation__in=ids, state=AttemptState.OPEN).only(*READ)
    by_generation = {attempt.generation_id: attempt for attempt in attempts}
    # One without an open attempt has been ended by somebody else since we took it up.
    return [(one, by_generation[one.row.pk]) for one in claims if one.row.pk in by_generation]


def _work(
    held: Sequence[Held], client: httpx.AsyncClient, pad: Notepad
) -> Iterator[Coroutine[Any, Any, None]]:
    for claim, attempt in held:
        if attempt.provider not in connect.names():
            yield _wait([(claim, attempt)])
        elif claim.row.state == State.SUBMITTING or _was_held(claim, attempt):
            yield _cut_off(claim, attempt)  # whoever sent it is gone
        elif claim.row.state == State.UNKNOWN:
            yield _settle(claim, attempt, client)
    for provider, batch in _batches(held):
        yield _look(provider, batch, client, pad)


def _batches(held: Sequence[Held]) -> Iterator[tuple[str, list[Held]]]:
    """Jobs under way, in as few questions as their provider allows."""
    by_provider: dict[str, list[Held]] = {}
    for claim, attempt in held:
        known = attempt.provider in connect.names()
        under_way = claim.row.state in (State.RUNNING, State.OVERDUE)
        if known and under_way and not _was_held(claim, attempt):
            by_provider.setdefault(attempt.provider, []).append((claim, attempt))
    for provider, jobs in by_provider.items():
        size = connect.provider(provider).capabilities.batch
        for start in range(0, len(jobs), size):
            yield provider, jobs[start : start + size]


async def _look(
    provider: str, batch: Sequence[Held], client: httpx.AsyncClient, pad: Notepad
) -> None:
    """One question about a batch. If the question fails, that says nothing about any job."""
    jobs = [sending.job(claim.row, attempt) for claim, attempt in batch]
    exchange = connect.provider(provider).look(jobs)
    try:
        answers = await drive(exchange, client=client, timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        logger.warning("%s could not be asked: %s", provider, error.code)
        await in_database(health.look_failed, provider, error)
        answers = {}
    else:
        pad.answered.add(provider)
        crashpoint("CP10")
        answers = await _completed(answers, batch, client)
    for job, (claim, attempt) in zip(jobs, batch, strict=True):
        await _note(claim, attempt, answers.get(job.id), pad)
    await pad.flush(at_least=PAGE)


async def _completed(
    answers: dict[str, Snapshot], batch: Sequence[Held], client: httpx.AsyncClient
) -> dict[str, Snapshot]:
    """The answers; a job past its time that they leave out is asked for by our token."""
    found = dict(answers)
    for claim, attempt in batch:
        job = sending.job(claim.row, attempt).id
        known = job in answers and answers[job].state is not JobState.MISSING
        if not known and _has_lookup(attempt) and _is_late(claim):
            finding = await what_became(claim.row, attempt, client)
            found |= {job: finding.snapshot} if finding else {}
    return found


def _is_late(claim: Claim[Generation]) -> bool:
    is_overdue = claim.row.state == State.OVERDUE
    return is_overdue or bool(deadlines.passed(claim.row, now=claim.now, lookup=True))


def _has_lookup(attempt: Attempt) -> bool:
    return connect.provider(attempt.provider).capabilities.lookup


async def _note(
    claim: Claim[Generation], attempt: Attempt, snapshot: Snapshot | None, pad: Notepad
) -> None:
    if snapshot is None or snapshot.state is JobState.MISSING:
        await in_database(lifecycle.waited, claim)
    elif snapshot.state is JobState.DONE:
        pad.rendered.append(Sight(claim, attempt, snapshot))
    elif _is_news(claim, attempt, snapshot):
        await _write_down(Sight(claim, attempt, snapshot))
    else:
        pad.working.append(Sight(claim, attempt, snapshot))


def _is_news(claim: Claim[Generation], attempt: Attempt, snapshot: Snapshot) -> bool:
    """Anything but "still at work"; now and then that too, so that staff see their last words."""
    if snapshot.state is not JobState.WORKING or attempt.looks % 10 == 0:
        return True
    return bool(deadlines.passed(claim.row, now=claim.now, lookup=False))


@dataclass(slots=True)
class Notepad:
    """What need not be written down one by one."""

    working: list[Sight] = field(default_factory=list)
    rendered: list[Sight] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    async def flush(self, *, at_least: int = 1) -> None:
        if len(self.working) >= at_least:
            page, self.working = self.working, []
            await in_database(together.still_working, page)
        if len(self.rendered) >= at_least:
            page, self.rendered = self.rendered, []
            await _write_down_rendered(page)

    async def close(self) -> None:
        await self.flush()
        for provider in self.answered:
            await in_database(health.looked, provider)


async def _write_down_rendered(page: Sequence[Sight]) -> None:
    """All at once; where one of them cannot be written, each by itself."""
    try:
        await in_database(together.rendered, page)
    except DatabaseError:
        logger.exception("%s finished jobs could not be written down together.", len(page))
        for sight in page:
            await _write_down(sight)
    crashpoint("CP11")


async def _write_down(sight: Sight) -> None:
    """What was seen; where that cannot be written, the job waits on and meets its deadline."""
    claim, attempt, snapshot = sight.claim, sight.attempt, sight.snapshot
    try:
        await in_database(lifecycle.seen, claim, attempt=attempt, snapshot=snapshot)
    except DatabaseError:
        logger.exception("What was seen of %s could not be written down.", claim.row.public_id)
        await in_database(lifecycle.waited, claim)


async def _wait(batch: Sequence[Held]) -> None:
    for claim, _ in batch:
        await in_database(lifecycle.waited, claim)


def _was_held(claim: Claim[Generation], attempt: Attempt) -> bool:
    """Its submission was held open by a process that is gone."""
    return (
        claim.row.state == State.RUNNING
        and not attempt.job_id
        and connect.provider(attempt.provider).capabilities.blocking
    )


async def _cut_off(claim: Claim[Generation], attempt: Attempt) -> None:
    """What had certainly not been sent goes back to the queue; the rest is unclear."""
    if await in_database(_is_unsent, attempt):
        gone = Busy("the process that was to send it ended before", code="not_sent")
        wait = timedelta(0)
        await in_database(lifecycle.returned, claim, attempt=attempt, error=gone, wait=wait)
    else:
        error = Unclear("the process that sent it ended before the answer was written down")
        await in_database(lifecycle.unclear, claim, attempt=attempt, error=error)


def _is_unsent(attempt: Attempt) -> bool:
    """Where resending is safe, the moment of sending is not kept: there it may have been."""
    if connect.provider(attempt.provider).capabilities.idempotent:
        return False
    return Attempt.objects.filter(pk=attempt.pk, sent_at=None).exists()


async def _settle(claim: Claim[Generation], attempt: Attempt, client: httpx.AsyncClient) -> None:
    """
    Find out what became of an unclear submission.

    Only a provider that recognises our token is ever sent the same order again.
    """
    bindings.add(generation=claim.row.public_id, attempt=attempt.id.hex)
    found = await what_became(claim.row, attempt, client)
    if found is None:
        await _wait([(claim, attempt)])
    elif found.snapshot.state is not JobState.MISSING:
        answer = Accepted(found.job_id, snapshot=found.snapshot, raw=found.snapshot.raw)
        await _take_over(claim, attempt, answer)
    elif connect.provider(attempt.provider).capabilities.idempotent:
        order = await in_database(sending.render_order, claim.row, attempt)
        await send_attempt(claim, attempt, order, client)
    else:
        await _wait([(claim, attempt)])


async def _take_over(claim: Claim[Generation], attempt: Attempt, answer: Accepted) -> None:
    """The job is found; where it is another order's after all, that proves nothing."""
    try:
        await in_database(lifecycle.accepted, claim, attempt=attempt, answer=answer)
    except IntegrityError:
        logger.exception("A job found for %s is another order's.", claim.row.public_id)
        await _wait([(claim, attempt)])
