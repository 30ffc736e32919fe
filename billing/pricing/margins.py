"""What was earned with each provider's SKU in each month. Amounts in micro-dollars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date

from billing import money
from billing.pricing import months, reports
from billing.pricing.reports import Fact
from billing.pricing.shares import percent
from billing.pricing.sheets import written

HEADER = [
    "month", "provider", "sku", "clips", "price", "table_cost", "reported_cost", "cost",
    "failures", "failure_cost", "margin", "margin_percent",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Margin:
    """One line of the report, or a sum of lines, whose month or names are then empty."""

    month: date | None
    provider: str
    sku: str
    clips: int = 0
    price: int = 0
    table_cost: int = 0
    reported_cost: int = 0
    cost: int = 0
    failures: int = 0
    failure_cost: int = 0

    @property
    def margin(self) -> int:
        """What is left of the price when the provider has been paid, failures too."""
        return self.price - self.cost - self.failure_cost

    @property
    def share(self) -> str:
        return percent(self.margin, self.price)


SUMMED = [field.name for field in fields(Margin)][3:]


def report(*, first: date, last: date) -> list[Margin]:
    """The months from first to last, both included; the newest first."""
    start, end = months.begins(first), months.begins(months.moved(last, 1))
    together: dict[tuple[date, str, str], list[Fact]] = defaultdict(list)
    for fact in reports.facts(start=start, end=end):
        together[fact.month, fact.provider, fact.sku].append(fact)
    lines = [_sum(facts, *key) for key, facts in together.items()]
    return sorted(lines, key=lambda one: (one.month or first, one.margin), reverse=True)


def total(lines: Sequence[Margin]) -> Margin:
    return _sum(lines, None, "", "")


def by_provider(lines: Iterable[Margin]) -> list[Margin]:
    """Each provider's sum, the most earning first."""
    together: dict[str, list[Margin]] = defaultdict(list)
    for line in lines:
        together[line.provider].append(line)
    sums = [_sum(found, None, provider, "") for provider, found in together.items()]
    return sorted(sums, key=lambda one: -one.margin)


def as_csv(lines: Iterable[Margin]) -> str:
    return written(HEADER, (_cells(line) for line in lines))


def _sum(
    lines: Sequence[Fact] | Sequence[Margin], month: date | None, provider: str, sku: str
) -> Margin:
    sums = {name: sum(getattr(line, name) for line in lines) for name in SUMMED}
    return Margin(month, provider, sku, **sums)


def _cells(line: Margin) -> list[str]:
    amounts = [line.price, line.table_cost, line.reported_cost, line.cost]
    return [
        f"{line.month:%Y-%m}" if line.month else "", line.provider, line.sku, str(line.clips),
        *map(money.usd, amounts), str(line.failures),
        money.usd(line.failure_cost), money.usd(line.margin), line.share.removesuffix(" %"),
    ]  # fmt: skip
