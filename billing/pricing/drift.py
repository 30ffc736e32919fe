"""
Where providers take something else than the table says: as data, as a letter and as a metric.

Settings: `DRIFT_PERCENT` (2) or `DRIFT_AMOUNT` (micro-dollars a clip, one cent), whichever is
passed first, over at least `DRIFT_CLIPS` (5) clips of the last `DRIFT_DAYS` (30).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from billing import money
from billing.pricing import reports
from billing.pricing.reports import Reported
from billing.pricing.shares import change
from billing.pricing.table import Table

PERCENT = 2
CLIPS = 5
DAYS = 30


@dataclass(frozen=True, slots=True)
class Measure:
    """What a provider reported for a SKU on average, beside the table, in micro-dollars a clip."""

    provider: str
    sku: str
    clips: int
    table: int
    reported: int

    @property
    def ratio(self) -> float:
        """Theirs to ours; 1.0 is no drift."""
        return self.reported / self.table

    @property
    def is_drift(self) -> bool:
        most = getattr(settings, "DRIFT_AMOUNT", money.CENT)
        percent = getattr(settings, "DRIFT_PERCENT", PERCENT)
        departs = abs(self.reported - self.table)
        return departs > most or departs * 100 > percent * self.table

    @property
    def change(self) -> str:
        return change(self.table, self.reported)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


def measures(*, now: datetime) -> list[Measure]:
    """
    Everything with enough clips, drifting or not, by provider and SKU.

    Clips that were priced before the table's present cost came into force do not count: entering
    the right cost ends the alarm.
    """
    table = Table.load(now=now)
    together: dict[tuple[str, str], list[Reported]] = defaultdict(list)
    for one in reports.reported(since=now - timedelta(days=_days())):
        rate = table.at((one.provider, one.sku), now)
        if rate is not None and one.clips > 0 and one.table_cost == rate.cost * one.clips:
            together[one.provider, one.sku].append(one)
    found = [_measure(key, told) for key, told in sorted(together.items())]
    return [one for one in found if one.clips >= getattr(settings, "DRIFT_CLIPS", CLIPS)]


def drifts(*, now: datetime) -> list[Measure]:
    """The ones that depart from the table, the farthest first."""
    found = [one for one in measures(now=now) if one.is_drift]
    return sorted(found, key=lambda one: -abs(one.ratio - 1))


def letter(found: Iterable[Measure]) -> Letter | None:
    """For staff; None when there is nothing to tell."""
    lines = [
        f"{one.provider} {one.sku}: the table says {money.usd(one.table)} USD, they take "
        f"{money.usd(one.reported)} USD ({one.change}) over {one.clips} clips."
        for one in found
    ]
    if not lines:
        return None
    prices = "1 price" if len(lines) == 1 else f"{len(lines)} prices"
    text = [
        f"In the last {_days()} days these providers took something else than our table says:",
        *[f"- {line}" for line in lines],
        "Enter the costs that hold now, or ask the provider.",
    ]
    return Letter(f"Price drift: {prices} to check", "\n\n".join(text) + "\n")


def gauges(*, now: datetime) -> list[tuple[dict[str, str], float]]:
    """Labels and value of a metric: reported to table cost, 1.0 where they agree."""
    return [({"provider": one.provider, "sku": one.sku}, one.ratio) for one in measures(now=now)]


def _measure(key: tuple[str, str], told: list[Reported]) -> Measure:
    clips = sum(one.clips for one in told)
    table = sum(one.table_cost for one in told) // clips
    reported = (sum(one.reported_cost for one in told) + clips // 2) // clips
    return Measure(*key, clips=clips, table=table, reported=reported)


def _days() -> int:
    days: int = getattr(settings, "DRIFT_DAYS", DAYS)
    return days
