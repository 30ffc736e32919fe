"""Prices in force: what each provider takes for each SKU, what we ask, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing.models import Rate
from billing.pricing import reports
from billing.pricing.ceilings import ceiling_faults
from billing.pricing.known import known
from billing.pricing.reports import Catalogue
from billing.pricing.table import Table


@dataclass(frozen=True, slots=True)
class Offer:
    """One provider's SKU. `obstacle` says why it is not sold; "" when it is."""

    provider: str
    sku: str
    rate: Rate | None
    following: Rate | None
    obstacle: str
    is_cheapest: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A SKU and all its offers, the cheapest first, what is not sold last."""

    sku: str
    offers: list[Offer]

    @property
    def is_sold(self) -> bool:
        return any(not offer.obstacle for offer in self.offers)


def overview(*, at: datetime) -> list[Item]:
    """Every SKU that could be sold, sold or not, at every provider."""
    table, all_known = Table.load(now=at), known()
    catalogue = reports.catalogue()
    return [
        Item(
            sku,
            _ranked(
                [
                    _offer(table, provider, sku, _obstacle(catalogue, provider, sku), at)
                    for provider in sorted(all_known.providers)
                ]
            ),
        )
        for sku in all_known.skus
    ]


def _obstacle(catalogue: Catalogue, provider: str, sku: str) -> str:
    if catalogue.providers and provider not in catalogue.providers:
        return "no provider of ours any more"
    return catalogue.obstacles.get((provider, sku), "")


def _offer(table: Table, provider: str, sku: str, obstacle: str, at: datetime) -> Offer:
    rate = table.at((provider, sku), at)
    later = table.after((provider, sku), at)
    following = later[0] if later else None
    why = _why_not(rate, following) or obstacle
    return Offer(provider, sku, rate, following, why)


def _why_not(rate: Rate | None, following: Rate | None) -> str:
    if rate is None:
        return "price known only from later on" if following else "price unknown"
    if not rate.sold:
        return "withdrawn"
    return " ".join(ceiling_faults(rate))


def _ranked(offers: list[Offer]) -> list[Offer]:
    sold = [offer for offer in offers if not offer.obstacle and offer.rate]
    least = min((offer.rate.price for offer in sold if offer.rate), default=None)
    marked = [
        Offer(
            offer.provider, offer.sku, offer.rate, offer.following, offer.obstacle,
            is_cheapest=not offer.obstacle and offer.rate is not None and offer.rate.price == least,
        )
        for offer in offers
    ]  # fmt: skip
    return sorted(marked, key=_rank)


def _rank(offer: Offer) -> tuple[bool, int, str]:
    return bool(offer.obstacle), offer.rate.price if offer.rate else 0, offer.provider
