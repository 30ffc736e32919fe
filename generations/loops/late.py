"""
What came after we had given up: found, and filed for staff.

An attempt that was given up with its fate unknown is asked about again some hours later, and at
once when somebody knocks. Nothing is charged or delivered by it: that is for staff to decide.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts import bindings
from accounts.concurrency import in_database
from billing import money
from generations import connect, moves, owed, sending
from generations.loops.asking import Finding, what_became
from generations.loops.concurrency import side_by_side
from generations.models import Attempt
from generations.providers.base import JobState, ProviderError, Snapshot
from generations.transport import drive

AGAIN_AFTER = [timedelta(hours=6), timedelta(hours=24)]


def run(*, limit: int = 50, now: datetime | None = None) -> int:
    """Ask about what is due. Returns how many attempts were asked about."""
    due = _taken(limit=limit, now=now or timezone.now())
    if due:
        side_by_side(lambda client: _work(due, client))
    return len(due)


@transaction.atomic
def _taken(*, limit: int, now: datetime) -> list[Attempt]:
    """Each gets its next date first: one that breaks here is asked about again then."""
    rows = Attempt.objects.select_for_update(skip_locked=True, of=("self",))
    due = list(rows.select_related("generation").filter(late_look_at__lte=now)[:limit])
    for attempt in due:
        ended = attempt.finished_at or now
        later = [ended + after for after in AGAIN_AFTER if ended + after > now]
        Attempt.objects.filter(pk=attempt.pk).update(late_look_at=min(later, default=None))
    return due


def _work(
    due: Iterable[Attempt], client: httpx.AsyncClient
) -> Iterable[Coroutine[Any, Any, object]]:
    for attempt in due:
        if attempt.provider in connect.names():
            yield _ask(attempt, client)


async def _ask(attempt: Attempt, client: httpx.AsyncClient) -> None:
    bindings.add(generation=attempt.generation.public_id, attempt=attempt.id.hex)
    look = _looked(attempt, client) if attempt.job_id else None
    found = await (look or what_became(attempt.generation, attempt, client))
    if found and found.snapshot.state in (JobState.DONE, JobState.FAILED):
        await in_database(_file, attempt, found.job_id, found.snapshot)


async def _looked(attempt: Attempt, client: httpx.AsyncClient) -> Finding | None:
    job = sending.job(attempt.generation, attempt)
    exchange = connect.provider(attempt.provider).look([job])
    try:
        answers = await drive(exchange, client=client, timeout=connect.LOOK_TIMEOUT)
    except ProviderError:
        return None
    return Finding(job.id, answers[job.id]) if job.id in answers else None


@transaction.atomic
def _file(attempt: Attempt, job_id: str, snapshot: Snapshot) -> None:
    """On the attempt and on the timeline; the generation stays what it is."""
    done = snapshot.state is JobState.DONE
    Attempt.objects.filter(pk=attempt.pk).update(
        job_id=job_id,
        late_look_at=None,
        result_url=snapshot.video_url,
        rendered_at=Now() if done else None,
        reported_cost=None if snapshot.cost is None else money.from_decimal(snapshot.cost),
        raw=moves.plain(snapshot.raw),
    )
    attempt.refresh_from_db(fields=["reported_cost"])
    if done:
        owed.taken(attempt)
    elif not (snapshot.failure and snapshot.failure.charged):
        owed.nothing(attempt, "failed")
    moves.record(
        attempt.generation,
        "attempt.late_result" if done else "attempt.late_failure",
        f"{attempt.provider} finished it after it was given up."
        if done
        else f"{attempt.provider} said afterwards that it had failed.",
        provider=attempt.provider,
        job=job_id,
    )
