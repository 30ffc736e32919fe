"""The price table as CSV, in the columns in which it is imported."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from billing import money
from billing.models import Rate
from billing.pricing.known import SKU_COLUMNS, sku_cells
from billing.pricing.sheets import written

ENTERED = ["provider", *SKU_COLUMNS, "cost", "markup", "fixed_price", "sold"]


def in_force(*, at: datetime) -> str:
    """
    One line per provider and SKU. It can be imported again as it is, and then changes nothing.

    So `valid_from` is not among its columns: `in_force_since` is told and not read.
    """
    header = [*ENTERED, "note", "price", "in_force_since", "version"]
    rates = Rate.objects.current(at)
    return written(header, ([*_entered(rate), rate.note, *_told(rate)] for rate in rates))


def every_version(rates: Iterable[Rate]) -> str:
    """All rates given, past and future, with the moment from which each was valid."""
    header = [*ENTERED, "valid_from", "note", "price", "version"]
    rows = (
        [*_entered(rate), _moment(rate), rate.note, money.usd(rate.price), rate.pk]
        for rate in rates
    )
    return written(header, rows)


def _entered(rate: Rate) -> list[str]:
    fixed_price = "" if rate.fixed_price is None else money.usd(rate.fixed_price)
    sold = "yes" if rate.sold else "no"
    cells = [money.usd(rate.cost), f"{rate.markup}", fixed_price, sold]
    return [rate.provider, *sku_cells(rate.sku), *cells]


def _told(rate: Rate) -> list[str]:
    return [money.usd(rate.price), _moment(rate), str(rate.pk)]


def _moment(rate: Rate) -> str:
    return rate.valid_from.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
