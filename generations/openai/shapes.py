"""Generations as OpenAI shows videos, and our two models as it shows its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts import ids
from accounts.api.idempotency import Made
from generations import catalog, timing
from generations.models import Generation
from generations.states import State

#: our public word -> one of the four that OpenAI's clients know; any other would end their polling
STATUSES = {
    "queued": "queued",
    "running": "in_progress",
    "succeeded": "completed",
    "failed": "failed",
    "canceled": "failed",
}
CANCELED = {"code": "canceled", "message": "It was canceled. Nothing was charged."}

#: When a client asks again: after a tenth of what is left, in milliseconds between these.
SOONEST, LATEST = 1000, 5000

#: MiniMax published both on 2025-10-28.
PUBLISHED = 1761609600


def video(one: Generation) -> dict[str, Any]:
    """One generation. What we keep does not expire."""
    width, height = catalog.PIXELS[one.resolution]
    return {
        "id": one.public_id,
        "object": "video",
        "model": one.model,
        "status": STATUSES[one.status],
        "progress": 100 if one.state == State.SUCCEEDED else one.progress or 0,
        "created_at": int(one.created_at.timestamp()),
        "completed_at": _completed_at(one),
        "expires_at": None,
        "seconds": str(one.duration),
        "size": f"{width}x{height}",
        "prompt": one.prompt,
        "remixed_from_video_id": one.remix_of_id and ids.public("gen", one.remix_of_id),
        "error": _error(one),
    }


def made(placed: list[Generation], now: datetime) -> Made:
    """The answer to an order: one video."""
    (one,) = placed
    return Made(one.public_id, video(one))


def page(rows: Sequence[Generation], *, limit: int) -> dict[str, Any]:
    """The list. `rows` are one more than `limit` where there is a further page."""
    videos = [video(row) for row in rows[:limit]]
    return {
        "object": "list",
        "data": videos,
        "first_id": videos[0]["id"] if videos else None,
        "last_id": videos[-1]["id"] if videos else None,
        "has_more": len(rows) > limit,
    }


def deleted(one: Generation) -> dict[str, Any]:
    return {"id": one.public_id, "object": "video.deleted", "deleted": True}


def model(one: catalog.Model) -> dict[str, Any]:
    return {"id": one.name, "object": "model", "created": PUBLISHED, "owned_by": "minimax"}


def poll_after(one: Generation, *, now: datetime) -> int | None:
    """Milliseconds after which it is worth asking again; None for what is finished."""
    ready = timing.eta(one, now=now)
    if ready is None:
        return None if one.is_final else LATEST
    tenth = int((ready - now).total_seconds() * 100)
    return min(max(tenth, SOONEST), LATEST)


def _completed_at(one: Generation) -> int | None:
    if one.state != State.SUCCEEDED or one.finished_at is None:
        return None
    return int(one.finished_at.timestamp())


def _error(one: Generation) -> dict[str, str] | None:
    if one.state == State.CANCELED:
        return CANCELED
    return {"code": one.error_code, "message": one.error_message} if one.error_code else None
