"""Who could make a clip, in which order they are asked, and who can be asked now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.prepared import Prepared
from billing import money, rates
from generations import connect, history
from generations.capacity import Load
from generations.models import Generation, ProviderStatus
from generations.providers.base import ImageForm
from generations.spec import ClipSpec

#: How a first frame can reach a provider: by links of ours, none can be had yet.
IMAGE_FORMS = frozenset({ImageForm.DATA_URI, ImageForm.UPLOAD})


@dataclass(frozen=True, slots=True)
class Route:
    """
    One provider at one price (micro-dollars), under one version of the price table.

    `score` is what the order's policy ranks it by, when it was ordered; lower is better.
    """

    provider: str
    price: int
    cost: int
    version: int
    score: float = 0.0

    def frozen(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route at this moment. `reason` says why it cannot be used now; "" when it can."""

    route: Route
    fill: float
    reason: str = ""

    def told(self) -> dict[str, Any]:
        """For the timeline, which customers read: nothing of what it costs us."""
        return {
            "provider": self.route.provider,
            "price": money.usd(self.route.price),
            "score": round(self.route.score, 6),
            "load": round(self.fill, 3),
            "reason": self.reason or None,
        }


def routes(spec: ClipSpec, *, at: datetime) -> list[Route]:
    """
    Everybody who is enabled, priced and able to express this wish, the preferred one first.

    Health, pauses and caps are not asked here: they decide when and where an accepted order
    goes, never its price.
    """
    off = {status.name for status in _switched_off()}
    found = [
        Route(price.provider, price.price, price.cost, price.version, _score(price, spec))
        for price in rates.prices(at=at, sku=spec.sku)
        if price.provider in connect.names() - off
        and spec.provider in ("auto", price.provider)
        and is_capable(price.provider, spec)
    ]
    return sorted(found, key=lambda route: (route.score, route.price, route.provider))


_switched_off = Prepared(lambda: ProviderStatus.objects.filter(enabled=False))


def candidates(
    generation: Generation, *, loads: Mapping[str, Load], asked: Collection[str], budget: int
) -> list[Candidate]:
    """
    The frozen routes of an order as they are now, the preferred one first: by the score of its
    policy, ties by the emptier provider, then by name.

    :param asked: providers that said they cannot take this very order yet.
    :param budget: what dearer routes may still cost us today, in micro-dollars.
    """
    found = [
        Candidate(
            route, load.fill if load else 1.0, _reason(generation, route, load, asked, budget)
        )
        for route in (Route(**frozen) for frozen in generation.routes)
        for load in [loads.get(route.provider)]
    ]
    return sorted(found, key=lambda one: (one.route.score, one.fill, one.route.provider))


def loss(generation: Generation, route: Route) -> int:
    """
    What the route costs us beyond what the customer was quoted, in micro-dollars. What staff put
    on the house was decided by them: it counts as no loss.
    """
    return 0 if generation.gratis else max(0, route.cost - generation.quoted)


def is_capable(provider: str, spec: ClipSpec) -> bool:
    """Can it express every part of the wish? Nothing is ever silently changed."""
    able = connect.provider(provider).capabilities
    route = able.route(model=spec.model, mode=spec.mode)
    return (
        route is not None
        and (spec.resolution, spec.duration) in route.sizes
        and (not spec.has_image or bool(able.image_forms & IMAGE_FORMS))
        and spec.output_format in able.output_formats
        and (spec.output_quality is None or able.output_quality)
        and (spec.prompt_optimizer or able.optimizer_switch)
        and (able.fast_pretreatment or not spec.fast_pretreatment)
        and (able.watermark or not spec.watermark)
    )


def _reason(
    generation: Generation, route: Route, load: Load | None, asked: Collection[str], budget: int
) -> str:
    lost = loss(generation, route)
    if load is None:
        return "not configured"
    if lost > settings.MAX_FAILOVER_LOSS:
        return "too dear"
    if lost > budget:
        return "too dear today"
    if load.shut:
        return load.shut
    if route.provider in asked:
        return "asked to wait"
    return "" if load.room else "full"


def _score(price: rates.Price, spec: ClipSpec) -> float:
    """Lower is better."""
    if spec.policy == "fastest":
        return history.typical_seconds(price.provider, spec.sku)
    if spec.policy == "most_reliable":
        return -history.success_rate(price.provider)
    return price.price
