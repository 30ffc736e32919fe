"""The last days' figures as the dashboard shows them: summed, by day, and by provider or SKU."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from billing import money
from config.staff import charts
from generations.models import DailyFigures

SUMS = ("orders", "succeeded", "failed", "revenue", "cost")

Rows = list[DailyFigures]
Name = Callable[[DailyFigures], str]


@dataclass(frozen=True, slots=True)
class Sums:
    """What some rows come to; amounts are micro-dollars, times seconds from order to clip."""

    orders: int = 0
    succeeded: int = 0
    failed: int = 0
    revenue: int = 0
    cost: int = 0
    median: float | None = None
    slowest: float | None = None

    @property
    def margin(self) -> int:
        return self.revenue - self.cost

    @property
    def success(self) -> float | None:
        ended = self.succeeded + self.failed
        return self.succeeded / ended if ended else None


def summed(rows: Iterable[DailyFigures]) -> Sums:
    rows = list(rows)
    sums = {name: sum(getattr(row, name) for row in rows) for name in SUMS}
    return Sums(**sums, median=_usual(rows, "median"), slowest=_usual(rows, "slowest"))


def _usual(rows: Rows, name: str) -> float | None:
    """Of the days' figures, the mean by their clips."""
    known = [(getattr(row, name), row.succeeded) for row in rows if row.succeeded]
    clips = sum(count for _, count in known)
    return sum(value * count for value, count in known) / clips if clips else None


@dataclass(frozen=True, slots=True)
class Month:
    days: list[date]
    rows: Rows
    per_day: list[Sums] = field(init=False)

    def __post_init__(self) -> None:
        of: dict[date, Rows] = {day: [] for day in self.days}
        for row in self.rows:
            of[row.day].append(row)
        object.__setattr__(self, "per_day", [summed(rows) for rows in of.values()])

    def drawn(self, *, with_money: bool) -> list[charts.Chart]:
        told = [self._clips(), self._success(), self._times()]
        return [*told[:1], self._money(), *told[1:]] if with_money else told

    def _clips(self) -> charts.Chart:
        series = {"finished": self._each("succeeded"), "failed": self._each("failed")}
        return charts.stacked("Clips", self.days, series, lambda value: f"{value:g}")

    def _money(self) -> charts.Chart:
        series = {
            name: [(value or 0) / money.MICROS for value in self._each(name)]
            for name in ("revenue", "cost", "margin")
        }
        return charts.lines("Money", self.days, series, _whole_dollars)

    def _success(self) -> charts.Chart:
        series = {"finished of all that ended": self._each("success")}
        return charts.lines("Success", self.days, series, lambda value: f"{value:.0%}", top=1)

    def _times(self) -> charts.Chart:
        series = {"half of the clips": self._each("median"), "95 of 100": self._each("slowest")}
        return charts.lines("Time to clip", self.days, series, lambda value: f"{value:.0f} s")

    def _each(self, name: str) -> list[float | None]:
        return [getattr(sums, name) for sums in self.per_day]


def table(rows: Rows, of: Name) -> list[dict[str, str]]:
    """A line for each provider or SKU."""
    groups: dict[str, Rows] = {}
    for row in rows:
        groups.setdefault(of(row), []).append(row)
    return [_line(name, summed(groups[name])) for name in sorted(groups)]


def _line(name: str, sums: Sums) -> dict[str, str]:
    return {
        "name": name,
        "orders": str(sums.orders),
        "success": share(sums.success),
        "revenue": dollars(sums.revenue),
        "cost": dollars(sums.cost),
        "margin": share(sums.margin / sums.revenue if sums.revenue else None),
        "median": seconds(sums.median),
        "slowest": seconds(sums.slowest),
    }


def dollars(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount) / money.MICROS:,.2f}"


def share(part: float | None) -> str:
    return "–" if part is None else f"{part:.0%}"


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def _whole_dollars(value: float) -> str:
    """Cents where they matter."""
    return f"{'-' if value < 0 else ''}${abs(value):,.{2 if 0 < abs(value) < 10 else 0}f}"
