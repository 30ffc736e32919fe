"""What the events about generations show; registered with `accounts.events`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from accounts import events
from accounts.models import CustomerEvent
from generations.api import present
from generations.models import Generation
from generations.states import STAGES, State

#: Signed links end; who wants one asks for it.
NO_LINKS = {"url": None, "poster_url": None, "url_expires_at": None}


def describe(told: Sequence[CustomerEvent]) -> Mapping[uuid.UUID, dict[str, Any]]:
    """Each generation as it was when the event was written, in one query."""
    keys = {one.id: uuid.UUID(hex=one.subject.partition(":")[2]) for one in told}
    rows = Generation.objects.whole().in_bulk(set(keys.values()))
    return {
        one.id: {"generation": _as_of(one, rows[keys[one.id]])}
        for one in told
        if keys[one.id] in rows
    }


def _as_of(event: CustomerEvent, row: Generation) -> dict[str, Any]:
    if row.deleted_at:
        return {"id": row.public_id, "object": "generation", "status": row.status, "deleted": True}
    shown = present.generation(row, now=timezone.now())
    if event.type == "generation.running":
        return shown | _while_running(shown)
    clip = shown["clip"]
    return shown | {"clip": clip and clip | NO_LINKS}


def _while_running(shown: Mapping[str, Any]) -> dict[str, Any]:
    """An end that came since is not told before its time."""
    return {
        "status": "running",
        "stage": STAGES[State.RUNNING],
        "progress": None,
        "price": shown["quoted"],
        "charged": "0.00",
        "refunded": "0.00",
        "finished_at": None,
        "clip": None,
        "error": None,
    }


events.describes("generation", describe)
