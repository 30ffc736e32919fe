"""Who could make a clip, in which order they are asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from billing import rates
from generations import connect, history
from generations.models import Generation, ProviderStatus
from generations.spec import ClipSpec


@dataclass(frozen=True, slots=True)
class Route:
    """One provider at one price (micro-dollars), under one version of the price table."""

    provider: str
    price: int
    cost: int
    version: int

    def frozen(self) -> dict[str, Any]:
        return asdict(self)


def routes(spec: ClipSpec, *, at: datetime) -> list[Route]:
    """
    Everybody who is enabled, priced and able to express this wish, the preferred one first.

    Health, pauses and caps are not asked here: they decide when and where an accepted order
    goes, never its price.
    """
    off = set(ProviderStatus.objects.filter(enabled=False).values_list("name", flat=True))
    found = [
        Route(price.provider, price.price, price.cost, price.version)
        for price in rates.prices(at=at, sku=spec.sku)
        if price.provider in connect.names() - off
        and spec.provider in ("auto", price.provider)
        and is_capable(price.provider, spec)
    ]
    return sorted(found, key=lambda route: _preference(route, spec))


def open_routes(generation: Generation, *, at: datetime) -> list[Route]:
    """The frozen routes of an order that may be used now, the preferred one first."""
    shut = {
        status.name
        for status in ProviderStatus.objects.all()
        if not status.enabled or (status.paused_until and status.paused_until > at)
    }
    frozen = [Route(**route) for route in generation.routes]
    return [r for r in frozen if r.provider in connect.names() - shut]


def is_capable(provider: str, spec: ClipSpec) -> bool:
    """Can it express every part of the wish? Nothing is ever silently changed."""
    able = connect.provider(provider).capabilities
    route = able.route(model=spec.model, mode=spec.mode)
    return (
        route is not None
        and (spec.resolution, spec.duration) in route.sizes
        and spec.output_format in able.output_formats
        and (spec.output_quality is None or able.output_quality)
        and (spec.prompt_optimizer or able.optimizer_switch)
        and (able.fast_pretreatment or not spec.fast_pretreatment)
        and (able.watermark or not spec.watermark)
    )


def _preference(route: Route, spec: ClipSpec) -> tuple[float, int, str]:
    return (_score(route, spec), route.price, route.provider)


def _score(route: Route, spec: ClipSpec) -> float:
    """Lower is better."""
    if spec.policy == "fastest":
        return history.typical_seconds(route.provider, spec.sku)
    if spec.policy == "most_reliable":
        return -history.success_rate(route.provider)
    return route.price
