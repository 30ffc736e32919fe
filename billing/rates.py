"""The price table, as the rest of Reelay reads and staff write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.prepared import Prepared
from billing.models import Rate
from billing.pricing.ceilings import ceiling_faults


@dataclass(frozen=True, slots=True)
class Price:
    """What one provider takes and what we ask for one SKU, under one version of the table."""

    provider: str
    sku: str
    cost: int
    price: int
    version: int


def prices(*, at: datetime, sku: str | None = None) -> list[Price]:
    """Everything on sale at that moment, or what is on sale of one SKU."""
    rates = Rate.objects.current(at) if sku is None else _current_of(sku, at)
    return [_price(rate) for rate in rates if rate.sold and not ceiling_faults(rate)]


_current_of = Prepared(lambda sku, at: Rate.objects.filter(sku=sku).current(at), str, datetime)


class AboveCeiling(Exception):
    """A price that no customer should ever pay was about to be entered; nothing was."""


@transaction.atomic
def enter(rows: Iterable[tuple[str, str, int]], *, at: datetime, note: str) -> int:
    """
    Put new costs (provider, SKU, micro-dollars) in force; what is unchanged stays as it is.

    The markup of the row before is kept; a fixed price is too. Returns how many rows were new.

    :raises AboveCeiling: where a price is beyond MAX_PRICE_PER_CLIP.
    """
    before = {(rate.provider, rate.sku): rate for rate in Rate.objects.current(at)}
    changed = [
        _successor(before.get((provider, sku)), provider, sku, cost, at, note)
        for provider, sku, cost in rows
        if not _is_in_force(before.get((provider, sku)), cost)
    ]
    for rate in changed:
        if faults := ceiling_faults(rate):
            raise AboveCeiling(f"{rate.provider} {rate.sku}: {faults[0]}")
    Rate.objects.bulk_create(changed)
    return len(changed)


def _is_in_force(rate: Rate | None, cost: int) -> bool:
    return rate is not None and rate.sold and rate.cost == cost


def _successor(
    rate: Rate | None, provider: str, sku: str, cost: int, at: datetime, note: str
) -> Rate:
    new = Rate(provider=provider, sku=sku, cost=cost, valid_from=at, note=note)
    if rate is not None:
        new.markup, new.fixed_price = rate.markup, rate.fixed_price
    return new


def _price(rate: Rate) -> Price:
    return Price(rate.provider, rate.sku, rate.cost, rate.price, rate.id)
