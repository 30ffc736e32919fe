"""What is on sale: models, what goes together, camera directives, prices per route."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from billing import money, rates
from billing.rates import Price
from generations import catalog, connect, routing, timing
from generations.catalog import Model
from generations.models import ProviderStatus
from generations.providers.base import Capabilities
from generations.spec import ClipSpec


def models(*, now: datetime) -> dict[str, Any]:
    """Every model with its routes; a route without a price is not on sale and not shown."""
    prices = _on_sale(now)
    shut = timing.shut(now=now)
    shown = [_model(model, prices, shut, now) for model in catalog.MODELS.values()]
    return {"object": "list", "data": shown, "next_cursor": None}


def _on_sale(now: datetime) -> dict[str, list[Price]]:
    """Prices of the providers that are switched on, by SKU, the cheapest first."""
    off = set(ProviderStatus.objects.filter(enabled=False).values_list("name", flat=True))
    found: dict[str, list[Price]] = {}
    for price in sorted(rates.prices(at=now), key=lambda price: (price.price, price.provider)):
        if price.provider in connect.names() - off:
            found.setdefault(price.sku, []).append(price)
    return found


def _model(
    model: Model, prices: dict[str, list[Price]], shut: set[str], now: datetime
) -> dict[str, Any]:
    return {
        "id": model.name,
        "object": "model",
        "name": model.label,
        "summary": model.summary,
        "modes": list(model.modes),
        "sizes": [_size(resolution, duration) for resolution, duration in catalog.SIZES],
        "prompt": {"min_length": 2, "max_length": catalog.PROMPT_LENGTH},
        "max_count": catalog.MAX_COUNT,
        "output_formats": list(catalog.OUTPUT_FORMATS),
        "policies": list(catalog.POLICIES),
        "camera_directives": list(catalog.CAMERA_DIRECTIVES),
        "routes": [
            _route(price, spec, shut, now)
            for spec in _specs(model)
            for price in prices.get(spec.sku, [])
            if routing.is_capable(price.provider, spec)
        ],
    }


def _size(resolution: str, duration: int) -> dict[str, Any]:
    width, height = catalog.PIXELS[resolution]
    return {"resolution": resolution, "duration": duration, "width": width, "height": height}


def _specs(model: Model) -> Iterable[ClipSpec]:
    for mode in model.modes:
        for resolution, duration in catalog.SIZES:
            yield ClipSpec(
                model=model.name,
                prompt="",
                has_image=mode == catalog.IMAGE_TO_VIDEO,
                resolution=resolution,
                duration=duration,
            )


def _route(price: Price, spec: ClipSpec, shut: set[str], now: datetime) -> dict[str, Any]:
    return {
        "provider": price.provider,
        "mode": spec.mode,
        "resolution": spec.resolution,
        "duration": spec.duration,
        "price": money.usd(price.price),
        "currency": "USD",
        "typical_seconds": round(timing.typical_seconds(price.provider, spec.sku, now=now)),
        "available": price.provider not in shut,
        "options": _options(connect.provider(price.provider).capabilities),
    }


def _options(able: Capabilities) -> dict[str, Any]:
    """What this provider can express beyond the model, the size and the prompt."""
    return {
        "output_formats": sorted(able.output_formats),
        "output_quality": able.output_quality,
        "prompt_optimizer_off": able.optimizer_switch,
        "fast_pretreatment": able.fast_pretreatment,
        "watermark": able.watermark,
        "free_cancel_while_running": able.cancel,
    }
