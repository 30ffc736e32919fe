"""`/metrics` for Prometheus: any process answers for all of them, so one target is enough."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from accounts import tallies
from config.observing.figures import SOURCES, Figure

logger = logging.getLogger(__name__)

__all__ = ["CONTENT_TYPE_LATEST", "NAMES", "text"]

#: What there is: name -> kind, and what it says. All of them begin with `reelay_`.
NAMES: dict[str, tuple[str, str]] = {
    "attempts_last_hour": ("gauge", "Submissions of the last hour, by what became of them."),
    "audit_age_seconds": ("gauge", "Since the books were last recomputed."),
    "audit_faults": ("gauge", "What the last audit of the books found."),
    "beat_silent_seconds": ("gauge", "Since the beat last beat."),
    "clip_seconds": ("gauge", "From order to clip, over the last hour."),
    "generations_under_way": ("gauge", "Orders that are not finished."),
    "leases_expired": ("gauge", "Rows whose worker let its lease run out and nobody took up yet."),
    "loop_due": ("gauge", "Rows that wait for a loop."),
    "loop_lag_seconds": ("gauge", "How long the oldest of them has waited."),
    "money_available_dollars": ("gauge", "What customers can spend."),
    "money_debt_dollars": ("gauge", "What customers owe us."),
    "money_held_dollars": ("gauge", "What is held for orders under way."),
    "provider_balance_dollars": ("gauge", "Our money with a provider."),
    "provider_calls": ("counter", "Orders and questions to a provider, by what came of them."),
    "provider_call_seconds": ("histogram", "How long they took, from the first byte to the last."),
    "provider_in_flight": ("gauge", "Jobs with a provider."),
    "provider_in_flight_limit": ("gauge", "How many jobs it may have at once."),
    "provider_look_errors": ("gauge", "Questions it failed to answer in a row."),
    "provider_shut": ("gauge", "1 for what keeps new work away from it; resting: its breaker."),
    "queue_depth": ("gauge", "Messages that wait for a worker."),
    "requests": ("counter", "Requests, by view, method and status."),
    "request_seconds": ("histogram", "How long requests took."),
    "scrape_errors": ("gauge", "1 for a source of figures that did not answer just now."),
    "security_events": ("counter", "What the keeper of a site wants to hear of, by kind."),
    "task_failures": ("counter", "Tasks that broke."),
    "task_seconds": ("histogram", "How long tasks took."),
}


def text() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything())
    return generate_latest(registry)


class _Everything(Collector):
    def collect(self) -> Iterable[Metric]:
        families = {
            name: Metric(f"reelay_{name}", said, kind) for name, (kind, said) in NAMES.items()
        }
        for name, labels, value in _figures():
            _Sample(name, labels, value).into(families)
        return [_cumulative(one) for one in families.values() if one.samples]


def _figures() -> Iterator[Figure]:
    """One source that does not answer hides no other."""
    for source, ask in SOURCES.items():
        try:
            found = list(ask())
        except Exception:
            logger.exception("The figures of %s cannot be had.", source)
            yield "scrape_errors", {"source": source}, 1
        else:
            yield "scrape_errors", {"source": source}, 0
            yield from found


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    labels: dict[str, str]
    value: float

    def into(self, families: dict[str, Metric]) -> None:
        """Counters end in _total; the parts of a histogram belong to it."""
        base = self.name.removesuffix("_bucket").removesuffix("_sum")
        if base in families:
            ending = "_total" if families[base].type == "counter" else ""
            families[base].add_sample(f"reelay_{self.name}{ending}", self.labels, self.value)


def _cumulative(family: Metric) -> Metric:
    """Tallies count each bucket by itself; Prometheus wants all that are no longer than it."""
    if family.type != "histogram":
        return family
    whole = Metric(family.name, family.documentation, family.type)
    for labels, buckets, total in _series(family):
        so_far = 0.0
        for end in [*map(str, tallies.BUCKETS), "+Inf"]:
            so_far += buckets.get(end, 0.0)
            whole.add_sample(f"{family.name}_bucket", {**labels, "le": end}, so_far)
        whole.add_sample(f"{family.name}_count", labels, so_far)
        whole.add_sample(f"{family.name}_sum", labels, total)
    return whole


def _series(family: Metric) -> Iterator[tuple[dict[str, str], dict[str, float], float]]:
    """Each set of labels with its buckets and its sum."""
    found: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
    for sample in family.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        part = sample.labels.get("le", "sum")
        found.setdefault(tuple(sorted(labels.items())), {})[part] = sample.value
    for key, parts in found.items():
        total = parts.pop("sum", 0.0)
        yield dict(key), parts, total
