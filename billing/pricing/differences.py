"""What entering rows would change, each beside what it replaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import TextChoices

from billing import money
from billing.models import Rate
from billing.pricing.ceilings import ceiling_faults
from billing.pricing.rows import Row
from billing.pricing.sheets import Fault
from billing.pricing.table import Table

#: Beyond this change of a cost or price, in percent, staff look twice.
JUMP = 25


class Kind(TextChoices):
    UNREADABLE = "unreadable", "cannot be read"
    REFUSED = "refused", "cannot be entered"
    NEW = "new", "new"
    DEARER = "dearer", "dearer"
    CHEAPER = "cheaper", "cheaper"
    REWRITTEN = "rewritten", "same price, other rule"
    WITHDRAWN = "withdrawn", "withdrawn"
    UNCHANGED = "unchanged", "unchanged"


WRONG = {Kind.UNREADABLE, Kind.REFUSED}


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One row against the table as it is at the row's moment; `after` is what would be entered.

    `following` is what is scheduled after it and will replace it.
    """

    line: int
    kind: Kind
    provider: str = ""
    sku: str = ""
    before: Rate | None = None
    after: Rate | None = None
    is_later: bool = False
    following: Rate | None = None
    reason: str = ""

    @property
    def is_change(self) -> bool:
        return self.kind not in WRONG | {Kind.UNCHANGED}

    @property
    def is_jump(self) -> bool:
        """Its cost or price changes by more than JUMP percent."""
        if not self._is_priced or self.before is None or self.after is None:
            return False
        pairs = [
            (self.before.cost, self.after.cost),
            (self.before.price, self.after.price),
        ]
        return any(abs(new - old) * 100 > JUMP * old for old, new in pairs)

    @property
    def is_below_cost(self) -> bool:
        return self._is_priced and self.after is not None and self.after.price < self.after.cost

    @property
    def _is_priced(self) -> bool:
        return self.is_change and self.kind != Kind.WITHDRAWN


def differences(
    rows: Iterable[Row], *, table: Table, now: datetime, complete: bool = False
) -> list[Difference]:
    """
    In the order of the lines. Rows see what earlier moments of the same file change.

    :param complete: what the file's providers sell now and it does not name is withdrawn.
    """
    rows = list(rows)
    named = {row.key for row in rows}
    found = [
        _difference(row, table, now)
        for row in sorted(rows, key=lambda row: (row.valid_from or now, row.line))
    ]
    if complete:
        found += _unnamed(named, table, now)
    return sorted(found, key=lambda one: (one.line, one.provider, one.sku))


def unreadable(faults: Iterable[Fault]) -> list[Difference]:
    return [
        Difference(fault.line, Kind.UNREADABLE, reason=str(fault))
        for fault in sorted(faults, key=lambda fault: fault.line)
    ]


def _difference(row: Row, table: Table, now: datetime) -> Difference:
    moment = row.valid_from or now
    before = table.at(row.key, moment)
    after = _rate(row, before, moment)
    later = table.after(row.key, moment)
    kind, reason = _kind(row, before, after)
    if kind not in WRONG | {Kind.UNCHANGED} and after is not None:
        table.add(after)
    return Difference(
        line=row.line,
        kind=kind,
        provider=row.provider,
        sku=row.sku,
        before=before,
        after=after,
        is_later=row.valid_from is not None,
        following=later[0] if later else None,
        reason=reason,
    )


def _rate(row: Row, before: Rate | None, moment: datetime) -> Rate | None:
    cost = row.cost or (before.cost if before else None)
    if cost is None:
        return None
    fixed_price = before.fixed_price if before and row.keeps_fixed_price else row.fixed_price
    return Rate(
        provider=row.provider,
        sku=row.sku,
        cost=cost,
        markup=row.markup or (before.markup if before else Decimal(1)),
        fixed_price=fixed_price,
        sold=row.sold,
        valid_from=moment,
        note=row.note,
    )


def _kind(row: Row, before: Rate | None, after: Rate | None) -> tuple[Kind, str]:
    if after is None:
        return Kind.REFUSED, "It has no cost, and none is known from before."
    if reasons := _refusals(row, after):
        return Kind.REFUSED, " ".join(reasons)
    if not row.sold:
        is_sold = before is not None and before.sold
        return (Kind.WITHDRAWN, "") if is_sold else (Kind.UNCHANGED, "It is not sold as it is.")
    if before is None or not before.sold:
        return Kind.NEW, "" if before is None else "Sold again."
    return _compared(before, after)


def _refusals(row: Row, after: Rate) -> list[str]:
    if row.told_price is not None and row.sold and row.told_price != after.price:
        return [
            f"The price column says {money.usd(row.told_price)}, but cost, markup and fixed price "
            f"make {money.usd(after.price)}: change those."
        ]
    return ceiling_faults(after) if row.sold else []


def _compared(before: Rate, after: Rate) -> tuple[Kind, str]:
    old, new = (before.price, before.cost), (after.price, after.cost)
    if old == new:
        same = (before.markup, before.fixed_price) == (after.markup, after.fixed_price)
        return (Kind.UNCHANGED if same else Kind.REWRITTEN), ""
    only_cost = "The price stays, our cost changes." if before.price == after.price else ""
    return (Kind.DEARER if new > old else Kind.CHEAPER), only_cost


def _unnamed(named: set[tuple[str, str]], table: Table, now: datetime) -> list[Difference]:
    providers = {provider for provider, _ in named}
    rows = [
        Row(line=0, provider=key[0], sku=key[1], cost=None, sold=False, note="not in the list")
        for key in table.keys
        if key[0] in providers
        and key not in named
        and (rate := table.at(key, now)) is not None
        and rate.sold
    ]
    return [_difference(row, table, now) for row in rows]
