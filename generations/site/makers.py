"""Who could make what is chosen in the form: what each would cost, how long it usually takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from generations import catalog, connect, routing, timing
from generations.forms import POLICY_LABELS, OrderForm
from generations.routing import Route
from generations.spec import ClipSpec, InvalidSpec, checked

LATER = "takes no orders right now"
NEVER = "does not make this"


@dataclass(frozen=True, slots=True)
class Maker:
    """
    One choice of the form. `price` (micro-dollars a clip) and `seconds` are what it would come to;
    `off` says why it cannot be chosen, `first` who would be asked first under a policy.
    """

    value: str
    label: str
    price: int | None = None
    seconds: float = 0.0
    first: str = ""
    off: str = ""


def of(form: OrderForm, *, now: datetime) -> dict[str, list[Maker]]:
    """By field: a maker for each policy and for each provider."""
    spec, _ = form.draft()
    found = _routes(spec, now)
    return {"policy": _policies(found, spec, now), "provider": _providers(found, spec, now)}


def _routes(spec: ClipSpec, now: datetime) -> list[Route]:
    """Whoever could make it; nobody can make what does not exist."""
    try:
        checked(spec, providers=connect.names(), need_prompt=False)
    except InvalidSpec:
        return []
    return routing.routes(replace(spec, provider="auto", policy="cheapest"), at=now)


def _policies(found: list[Route], spec: ClipSpec, now: datetime) -> list[Maker]:
    """As routing ranks them, by numbers that may be half a minute old: this only informs."""
    ranks: dict[str, Callable[[Route], float]] = {
        "cheapest": lambda route: route.price,
        "fastest": lambda route: timing.typical_seconds(route.provider, spec.sku, now=now),
        "most_reliable": lambda route: -timing.success_rate(route.provider, now=now),
    }
    return [
        _maker(policy, POLICY_LABELS[policy], _first(found, ranks[policy]), spec, now)
        for policy in catalog.POLICIES
    ]


def _first(found: list[Route], rank: Callable[[Route], float]) -> Route | None:
    return min(found, key=lambda route: (rank(route), route.price, route.provider), default=None)


def _providers(found: list[Route], spec: ClipSpec, now: datetime) -> list[Maker]:
    routes, shut = {route.provider: route for route in found}, timing.shut(now=now)
    return [Maker("auto", "Whoever is best")] + [
        replace(_maker(name, name, routes.get(name), spec, now), off=LATER)
        if name in shut and name in routes
        else _maker(name, name, routes.get(name), spec, now)
        for name in sorted(connect.names())
    ]


def _maker(value: str, label: str, route: Route | None, spec: ClipSpec, now: datetime) -> Maker:
    if route is None:
        return Maker(value, label, off=NEVER)
    seconds = timing.typical_seconds(route.provider, spec.sku, now=now)
    return Maker(value, label, route.price, seconds, first=route.provider)
