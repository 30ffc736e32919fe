"""
Events in the order in which nobody misses one: by the number of the transaction that wrote them.

Numbers are given when a transaction begins to write, and a later one may be committed first. What
is at or above the oldest transaction still under way is therefore not told yet.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts import events, ids
from accounts.models import CustomerEvent, Workspace
from accounts.streams import frames

#: (position, id): a place between two events.
Mark = tuple[int, uuid.UUID]

START: Mark = (0, uuid.UUID(int=0))
LAST = uuid.UUID(int=(1 << 128) - 1)
PAGE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One event, ready to be sent to any number of clients."""

    mark: Mark
    type: str
    subject: str
    frame: bytes = field(repr=False)


@dataclass(slots=True)
class Found:
    """What was read: by workspace, in order; and the workspaces in which there is more."""

    told: dict[uuid.UUID, list[Told]] = field(default_factory=dict)
    #: There was more than a page.
    more: set[uuid.UUID] = field(default_factory=set)
    #: Something is written that may not be told yet.
    unsettled: set[uuid.UUID] = field(default_factory=set)


def whole(told: Told) -> bytes:
    """With everything it tells, for programs."""
    return told.frame


def news(told: Told) -> bytes:
    """What it is about, for pages: they ask for what they show."""
    return frames.news(ids.public("evt", told.mark[1]), told.subject or told.type)


def now() -> Mark:
    """The place behind which everything comes that is not told yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {OLDEST}")
        (oldest,) = cursor.fetchone()
    return oldest - 1, LAST


def behind(id: uuid.UUID, workspace: Workspace) -> Mark | None:
    """
    The place behind this event. None where it is no event of the workspace.

    One that is older than all that are kept may have been: then everything kept comes behind it.
    """
    if own := workspace.events.filter(id=id).first():
        return own.position, own.id
    first = workspace.events.order_by("position", "id").first()
    return START if first and id < first.id else None


def after(marks: Mapping[uuid.UUID, Mark], *, subject: str = "") -> Found:
    """
    A page of what came after these marks, for many workspaces in one query.

    For a thread of its own: its database connection is given back.
    """
    try:
        return _found(_rows(marks, subject))
    finally:
        connection.close()


def _found(rows: Sequence[Any]) -> Found:
    found, kept = Found(), []
    for row in rows:
        if row.settled:
            kept.append(row)
        else:
            found.unsettled.add(row.workspace_id)
    shown = events.described(kept)
    for row in kept:
        told = found.told.setdefault(row.workspace_id, [])
        told.append(_told(row, shown[row.id]))
    found.more = {workspace for workspace, told in found.told.items() if len(told) == PAGE}
    return found


def _rows(marks: Mapping[uuid.UUID, Mark], subject: str) -> Sequence[Any]:
    rows = CustomerEvent.objects.raw(
        AFTER.format(about="AND subject = %(subject)s" if subject else ""),
        {
            "workspaces": list(marks),
            "positions": [position for position, _ in marks.values()],
            "ids": [id for _, id in marks.values()],
            "subject": subject,
        },
    )
    return list(rows)


def _told(row: CustomerEvent, shown: Mapping[str, Any]) -> Told:
    frame = frames.event(row.public_id, row.type, shown)
    return Told(mark=(row.position, row.id), type=row.type, subject=row.subject, frame=frame)


OLDEST = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
AFTER = f"""
SELECT event.*, event.position < {OLDEST} AS settled
  FROM unnest(%(workspaces)s::uuid[], %(positions)s::bigint[], %(ids)s::uuid[])
       AS mark (workspace, position, id)
 CROSS JOIN LATERAL (
       SELECT * FROM accounts_customerevent
        WHERE workspace_id = mark.workspace AND (position, id) > (mark.position, mark.id)
          AND type <> '{events.PING}' {{about}}
        ORDER BY position, id
        LIMIT {PAGE}) AS event
 ORDER BY event.position, event.id"""
