"""The price table of the home page: what each clip costs now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing import rates
from generations import catalog, connect, routing
from generations.models import ProviderStatus
from generations.spec import ClipSpec


@dataclass(frozen=True, slots=True)
class Row:
    """One model in one mode, with the price (micro-dollars) of each size."""

    model: catalog.Model
    mode: str
    cells: list[tuple[tuple[str, int], int | None]]


def table(*, at: datetime) -> list[Row]:
    """The least each clip costs now; None for what nobody sells at the moment."""
    least = _least(at)
    return [
        Row(
            model,
            mode,
            [(size, least.get(_spec(model, mode, size).sku)) for size in catalog.SIZES],
        )
        for model in catalog.MODELS.values()
        for mode in model.modes
    ]


def _least(at: datetime) -> dict[str, int]:
    specs = {spec.sku: spec for spec in _everything()}
    off = set(ProviderStatus.objects.filter(enabled=False).values_list("name", flat=True))
    found: dict[str, int] = {}
    for price in rates.prices(at=at):
        spec = specs.get(price.sku)
        if spec is None or price.provider not in connect.names() - off:
            continue
        if routing.is_capable(price.provider, spec):
            found[price.sku] = min(price.price, found.get(price.sku, price.price))
    return found


def _everything() -> list[ClipSpec]:
    return [
        _spec(model, mode, size)
        for model in catalog.MODELS.values()
        for mode in model.modes
        for size in catalog.SIZES
    ]


def _spec(model: catalog.Model, mode: str, size: tuple[str, int]) -> ClipSpec:
    resolution, duration = size
    return ClipSpec(
        model=model.name,
        prompt="",
        has_image=mode == catalog.IMAGE_TO_VIDEO,
        resolution=resolution,
        duration=duration,
    )
