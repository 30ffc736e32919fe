"""What /metrics says of the rows and of Redis: read when it is asked, so it is true everywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts import tallies
from accounts.redis_client import client
from billing import audit, money
from billing.models import Wallet
from config import beat, celery
from config.observing import backlog
from generations import capacity, connect
from generations.models import ProviderStatus

#: name, labels, value
Figure = tuple[str, dict[str, str], float]

UNDER_WAY = """
SELECT state, count(*) FROM generations_generation
 WHERE state NOT IN ('succeeded', 'failed', 'canceled') GROUP BY state"""

ATTEMPTS = """
SELECT provider, state, error_code, count(*) FROM generations_attempt
 WHERE provider = ANY(%s) AND submitted_at > now() - interval '1 hour' GROUP BY 1, 2, 3"""

CLIP_SECONDS = """
SELECT a.provider, a.sku, unnest(ARRAY['0.5', '0.95']),
       unnest(percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
           ORDER BY extract(epoch FROM g.finished_at - g.created_at)))
  FROM generations_attempt a JOIN generations_generation g ON g.id = a.generation_id
 WHERE a.provider = ANY(%s) AND a.rendered_at > now() - interval '1 hour'
   AND a.state = 'succeeded' GROUP BY a.provider, a.sku"""


def of_loops() -> Iterator[Figure]:
    for one in backlog.read():
        yield "loop_due", {"loop": one.loop}, one.due
        yield "loop_lag_seconds", {"loop": one.loop}, one.lag
        yield "leases_expired", {"loop": one.loop}, one.expired


def of_queues() -> Iterator[Figure]:
    for queue in [*celery.QUEUES, *celery.QUEUES_OF_FILES]:
        yield "queue_depth", {"queue": queue}, float(client().llen(queue))


def of_beat() -> Iterator[Figure]:
    silent = beat.silent_for()
    if silent is not None:
        yield "beat_silent_seconds", {}, silent


def of_generations() -> Iterator[Figure]:
    for state, count in _rows(UNDER_WAY):
        yield "generations_under_way", {"state": state}, count


def of_attempts() -> Iterator[Figure]:
    names = _providers()
    for provider, state, error, count in _rows(ATTEMPTS, [names]):
        labels = {"provider": provider, "outcome": state, "error": error}
        yield "attempts_last_hour", labels, count
    for provider, sku, quantile, seconds in _rows(CLIP_SECONDS, [names]):
        labels = {"provider": provider, "sku": sku, "quantile": quantile}
        yield "clip_seconds", labels, seconds


def of_providers() -> Iterator[Figure]:
    now = timezone.now()
    for name, load in capacity.loads(at=now).items():
        label = {"provider": name}
        yield "provider_in_flight", label, load.in_flight
        yield "provider_in_flight_limit", label, load.most_in_flight
    for status in ProviderStatus.objects.filter(name__in=_providers()):
        yield from _health(status, capacity.shut(status, at=now))


def of_money() -> Iterator[Figure]:
    sums = Wallet.objects.aggregate(held=Sum("held"), available=Sum("available"), debt=Sum("debt"))
    for name, amount in sums.items():
        yield f"money_{name}_dollars", {}, (amount or 0) / money.MICROS


def of_audit() -> Iterator[Figure]:
    if last := audit.last():
        yield "audit_faults", {}, last["faults"]
        yield "audit_age_seconds", {}, max(0.0, time.time() - last["at"])


def of_processes() -> Iterator[Figure]:
    yield from tallies.read()


SOURCES = {
    "loops": of_loops,
    "queues": of_queues,
    "beat": of_beat,
    "generations": of_generations,
    "attempts": of_attempts,
    "providers": of_providers,
    "money": of_money,
    "audit": of_audit,
    "processes": of_processes,
}


def _health(status: ProviderStatus, shut: str) -> Iterator[Figure]:
    label = {"provider": status.name}
    for reason in ("switched off", "draining", "paused", "resting", "busy", "on trial"):
        yield "provider_shut", {**label, "reason": reason}, float(shut == reason)
    yield "provider_look_errors", label, status.look_errors
    if status.balance is not None:
        yield "provider_balance_dollars", label, status.balance / money.MICROS


def _providers() -> list[str]:
    return sorted(connect.names())


def _rows(query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
