"""Generations, quotes and uploads, as the API shows them: in the order of the pinned contract."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from accounts import ids
from accounts.moments import moment
from billing import money
from billing.quotes import Quote
from generations import catalog, links, timing
from generations.models import Clip, Event, Generation, Upload
from generations.states import State


def generation(
    one: Generation, *, now: datetime, queue_position: int | None = None
) -> dict[str, Any]:
    """One generation without its timeline: what lists, batches and events show."""
    return {
        "id": one.public_id,
        "object": "generation",
        "status": one.status,
        "stage": one.stage,
        "progress": one.progress,
        "queue_position": queue_position,
        "eta": moment(timing.eta(one, now=now, queue_position=queue_position)),
        "model": one.model,
        "mode": one.mode,
        "prompt": one.prompt,
        "resolution": one.resolution,
        "duration": one.duration,
        "first_frame_image": _first_frame(one),
        "prompt_optimizer": one.prompt_optimizer,
        "fast_pretreatment": one.fast_pretreatment,
        "watermark": one.watermark,
        "output_format": one.output_format,
        "output_quality": one.output_quality,
        "policy": one.policy,
        "provider_requested": one.provider_requested,
        "provider": one.provider or None,
        "quote": _id("quo", one.quote_id),
        "quoted": money.usd(one.quoted),
        "price": money.usd(one.charged or one.quoted),
        "charged": money.usd(one.charged),
        "refunded": money.usd(one.refunded),
        "currency": "USD",
        "batch": _id("bat", one.batch),
        "retry_of": _id("gen", one.retry_of_id),
        "metadata": one.metadata,
        "tags": one.tags,
        "created_at": moment(one.created_at),
        "started_at": moment(one.started_at),
        "finished_at": moment(one.finished_at),
        "clip": _clip(one, now),
        "error": _error(one),
    }


def whole_generation(
    one: Generation, *, now: datetime, queue_position: int | None = None
) -> dict[str, Any]:
    """One generation with its timeline."""
    shown = generation(one, now=now, queue_position=queue_position)
    return shown | {"timeline": [_line(event) for event in one.timeline]}


def batch(generations: list[Generation], *, now: datetime) -> dict[str, Any]:
    """What one order with a count became."""
    return {
        "object": "list",
        "batch": _id("bat", generations[0].batch),
        "data": [generation(one, now=now) for one in generations],
    }


def quote(quote: Quote, *, now: datetime, kept: bool = True) -> dict[str, Any]:
    """A firm price; one that is not kept (a dry run) has no id and no end."""
    spec, routes = quote.details["spec"], quote.details["routes"]
    shut = timing.shut(now=now)
    return {
        "id": quote.public_id if kept else None,
        "object": "quote",
        "unit_price": money.usd(quote.unit_price),
        "count": quote.count,
        "price": money.usd(quote.price),
        "currency": "USD",
        "expires_at": moment(quote.expires_at) if kept else None,
        "provider": routes[0]["provider"],
        "routes": [_route(route, spec, shut, now) for route in routes],
        "spec": _spec(spec),
    }


def upload(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.public_id,
        "object": "upload",
        "width": upload.width,
        "height": upload.height,
        "bytes": upload.bytes,
        "content_type": upload.content_type,
        "sha256": upload.sha256,
        "created_at": moment(upload.created_at),
    }


def _first_frame(one: Generation) -> dict[str, Any] | None:
    """Our copy of it, once there is one, and the address it came from, if it came from one."""
    if not (one.first_frame_id or one.image_url):
        return None
    return {"upload": _id("upl", one.first_frame_id), "url": one.image_url or None}


def _clip(one: Generation, now: datetime) -> dict[str, Any] | None:
    if one.state != State.SUCCEEDED:
        return None
    clip: Clip = one.clip
    link = links.link(one.pk, "clip", now=now)
    return {
        "url": link.url,
        "poster_url": links.link(one.pk, "poster", now=now).url,
        "url_expires_at": moment(link.expires_at),
        "width": clip.width,
        "height": clip.height,
        "duration": clip.duration_ms / 1000,
        "bytes": clip.bytes,
        "sha256": clip.sha256,
        "content_type": clip.content_type,
    }


def _error(one: Generation) -> dict[str, Any] | None:
    if not one.error_code:
        return None
    return {
        "code": one.error_code,
        "message": one.error_message,
        "provider_message": one.provider_message or None,
    }


def _line(event: Event) -> dict[str, Any]:
    return {
        "at": moment(event.created_at),
        "type": event.type,
        "message": event.message,
        "data": event.data,
    }


def _route(
    route: dict[str, Any], spec: dict[str, Any], shut: set[str], now: datetime
) -> dict[str, Any]:
    provider = route["provider"]
    sku = catalog.sku(**{name: spec[name] for name in ("model", "mode", "resolution", "duration")})
    return {
        "provider": provider,
        "price": money.usd(route["price"]),
        "typical_seconds": round(timing.typical_seconds(provider, sku, now=now)),
        "available": provider not in shut,
    }


def _spec(spec: dict[str, Any]) -> dict[str, Any]:
    """What the quote binds, and the cap it was asked with; not the prompt."""
    most = spec["max_price"]
    bound = {name: value for name, value in spec.items() if name not in ("prompt", "max_price")}
    return bound | {"max_price": None if most is None else money.usd(most)}


def _id(prefix: str, id: uuid.UUID | None) -> str | None:
    return ids.public(prefix, id) if id else None
