"""When a clip may be ready, and how many are before it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from generations import history
from generations.models import Generation, ProviderStatus
from generations.states import State

#: What was learned is good for so many seconds: the past does not change quickly.
GOOD_FOR = 30
#: Whoever is further back is told this number.
FURTHEST = 1000


def typical_seconds(provider: str, sku: str, *, now: datetime) -> float:
    """What `history` says, asked at most every half minute: lists ask for many."""
    return _learned(provider, sku, int(now.timestamp()) // GOOD_FOR)


def eta(generation: Generation, *, now: datetime) -> datetime | None:
    """When it is expected to be ready: never in the past, None for what is finished."""
    provider = _expected_provider(generation)
    if generation.is_final or not provider:
        return None
    start = generation.started_at or now
    seconds = typical_seconds(provider, generation.sku, now=now)
    return max(now, start + timedelta(seconds=seconds))


def queue_positions(generations: Iterable[Generation]) -> dict[uuid.UUID, int]:
    """How many are before each of those that wait, itself included; in one query."""
    waiting = sorted(one.pk for one in generations if one.state == State.QUEUED)
    if not waiting:
        return {}
    queue = Generation.objects.filter(state=State.QUEUED, pk__lte=waiting[-1]).order_by("pk")
    places = {
        pk: place for place, pk in enumerate(queue.values_list("pk", flat=True)[:FURTHEST], 1)
    }
    return {pk: places.get(pk, FURTHEST) for pk in waiting}


def shut(*, now: datetime) -> set[str]:
    """Providers that take nothing at this moment."""
    return {
        status.name
        for status in ProviderStatus.objects.all()
        if not status.enabled or (status.paused_until and status.paused_until > now)
    }


@lru_cache(maxsize=512)
def _learned(provider: str, sku: str, period: int) -> float:
    return history.typical_seconds(provider, sku)


def _expected_provider(generation: Generation) -> str:
    """Who makes it, or who is asked first."""
    routes = generation.routes
    return generation.provider or (str(routes[0]["provider"]) if routes else "")
