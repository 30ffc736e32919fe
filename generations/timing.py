"""When a clip may be ready, and how many are before it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import timezone

from generations import capacity, history, queue
from generations.models import Generation, ProviderStatus
from generations.states import State

#: What was learned is good for so many seconds: the past does not change quickly.
GOOD_FOR = 30
#: Whoever is further back is told this number.
FURTHEST = 1000


def typical_seconds(provider: str, sku: str, *, now: datetime) -> float:
    """What `history` says, asked at most every half minute: lists ask for many."""
    return _learned(provider, sku, int(now.timestamp()) // GOOD_FOR)


def success_rate(provider: str, *, now: datetime) -> float:
    """What `history` says about it, as fresh as `typical_seconds`."""
    return _succeeding(provider, int(now.timestamp()) // GOOD_FOR)


def eta(
    generation: Generation, *, now: datetime, queue_position: int | None = None
) -> datetime | None:
    """
    When it is expected to be ready: never in the past, None for what is finished.

    One that waits is ready after as many rounds of all places as it takes until its turn.
    """
    provider = _expected_provider(generation)
    if generation.is_final or not provider:
        return None
    start = generation.started_at or now
    seconds = typical_seconds(provider, generation.sku, now=now)
    rounds = 1 + (queue_position - 1) // _places(generation, now) if queue_position else 1
    return max(now, start + timedelta(seconds=seconds * rounds))


def queue_positions(generations: Iterable[Generation]) -> dict[uuid.UUID, int]:
    """How many turns until each of those that wait, its own included; in two queries."""
    waiting = [one for one in generations if one.state == State.QUEUED]
    return queue.positions(waiting, furthest=FURTHEST)


def shut(*, now: datetime) -> set[str]:
    """Providers that take nothing at this moment."""
    return {one.name for one in ProviderStatus.objects.all() if capacity.shut(one, at=now)}


def _places(generation: Generation, now: datetime) -> int:
    """What all its routes together can have in flight."""
    providers = frozenset(route["provider"] for route in generation.routes)
    return _places_of(providers, int(now.timestamp()) // GOOD_FOR)


@lru_cache(maxsize=512)
def _places_of(providers: frozenset[str], period: int) -> int:
    loads = capacity.loads(at=timezone.now())
    return max(1, sum(load.most_in_flight for name, load in loads.items() if name in providers))


@lru_cache(maxsize=512)
def _learned(provider: str, sku: str, period: int) -> float:
    return history.typical_seconds(provider, sku)


@lru_cache(maxsize=64)
def _succeeding(provider: str, period: int) -> float:
    return history.success_rate(provider)


def forget() -> None:
    """What was learned is learned anew: for tests, whose pasts come and go."""
    _learned.cache_clear()
    _succeeding.cache_clear()
    _places_of.cache_clear()


def _expected_provider(generation: Generation) -> str:
    """Who makes it, or who is asked first."""
    routes = generation.routes
    return generation.provider or (str(routes[0]["provider"]) if routes else "")
