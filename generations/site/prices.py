"""The price table of the home page: what each clip costs now, and how long it usually takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing import rates
from billing.rates import Price
from generations import catalog, connect, routing, timing
from generations.models import ProviderStatus
from generations.spec import ClipSpec


@dataclass(frozen=True, slots=True)
class Row:
    """One model in one mode, with a cell for each size."""

    model: catalog.Model
    mode: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Cell:
    """A size; its price is in micro-dollars, None for what nobody sells at the moment."""

    resolution: str
    duration: int
    price: int | None = None
    seconds: float = 0.0


def table(*, at: datetime) -> list[Row]:
    """The least each clip costs now, with the usual time of who sells it for that."""
    least = _least(at)
    return [
        Row(model, mode, [_cell(least, _spec(model, mode, size), at) for size in catalog.SIZES])
        for model in catalog.MODELS.values()
        for mode in model.modes
    ]


def _cell(least: dict[str, Price], spec: ClipSpec, at: datetime) -> Cell:
    price = least.get(spec.sku)
    if price is None:
        return Cell(spec.resolution, spec.duration)
    seconds = timing.typical_seconds(price.provider, spec.sku, now=at)
    return Cell(spec.resolution, spec.duration, price.price, seconds)


def _least(at: datetime) -> dict[str, Price]:
    specs = {spec.sku: spec for spec in _everything()}
    off = set(ProviderStatus.objects.filter(enabled=False).values_list("name", flat=True))
    found: dict[str, Price] = {}
    for price in rates.prices(at=at):
        spec = specs.get(price.sku)
        if spec is None or price.provider not in connect.names() - off:
            continue
        if routing.is_capable(price.provider, spec):
            known = found.setdefault(price.sku, price)
            found[price.sku] = min(known, price, key=lambda one: one.price)
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
