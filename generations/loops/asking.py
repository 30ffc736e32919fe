"""What became of a submission whose answer we never read, and of one that was given up."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import httpx

from accounts.concurrency import in_database
from generations import connect, sending
from generations.models import Attempt, Generation
from generations.providers.base import (
    Exchange,
    Job,
    JobState,
    Provider,
    ProviderError,
    Snapshot,
)
from generations.transport import drive

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a provider says became of it, and its name for the job; "" when it knows none."""

    job_id: str
    snapshot: Snapshot


async def what_became(
    generation: Generation, attempt: Attempt, client: httpx.AsyncClient
) -> Finding | None:
    """
    By our own token where they can be asked by it, else by what their webhooks named.

    None when they did not answer, or cannot be asked at all: that proves nothing.
    """
    provider = connect.provider(attempt.provider)
    job = sending.job(generation, attempt)
    if provider.capabilities.lookup:
        return await _asked(provider, provider.settle(job), job, client)
    if provider.capabilities.recognise:
        for named in await in_database(_named, attempt):
            theirs = replace(job, id=named)
            found = await _asked(provider, provider.recognise(theirs), theirs, client)
            if found and found.snapshot.state is not JobState.MISSING:
                return found
    return None


async def _asked(
    provider: Provider, exchange: Exchange[Snapshot], job: Job, client: httpx.AsyncClient
) -> Finding | None:
    try:
        snapshot = await drive(exchange, client=client, timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        logger.warning("%s could not be asked: %s", provider.name, error.code)
        return None
    return Finding(job.id, snapshot)


def _named(attempt: Attempt) -> list[str]:
    """The jobs that knocks on this attempt's door named, and that no other attempt owns."""
    named = attempt.knocks.exclude(job_id="").order_by("received_at")
    ids = dict.fromkeys(named.values_list("job_id", flat=True))
    others = Attempt.objects.filter(provider=attempt.provider, job_id__in=ids)
    owned = set(others.exclude(pk=attempt.pk).values_list("job_id", flat=True))
    return [one for one in ids if one not in owned]
