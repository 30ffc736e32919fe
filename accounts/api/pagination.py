"""
Lists, page by page: newest first, and a page never shifts when new rows arrive.

A cursor is the place of the last row shown, in a form that invites nobody to do sums with it.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from accounts.api.fields import QueryInteger, Strict, Text
from accounts.api.problems import Problem, invalid

T = TypeVar("T")


class PageQuery(Strict):
    """What every list may be asked."""

    limit = QueryInteger(
        default=20, min_value=1, max_value=100, help_text="How many to answer at most."
    )
    cursor = Text(
        required=False,
        max_length=64,
        help_text="`next_cursor` of the page before; left out for the first page.",
    )


def listed(
    rows: Sequence[T],
    *,
    limit: int,
    show: Callable[[T], dict[str, Any]],
    cursor: Callable[[T], str],
) -> dict[str, Any]:
    """The List shape. `rows` are one more than `limit` where there is a further page."""
    page = rows[:limit]
    more = cursor(page[-1]) if len(rows) > limit else None
    return {"object": "list", "data": [show(row) for row in page], "next_cursor": more}


def by_id(
    rows: Any, asked: dict[str, Any], show: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """One page of rows by their ids, newest first."""
    if after := id_after(asked.get("cursor")):
        rows = rows.filter(id__lt=after)
    found = list(rows.order_by("-id")[: asked["limit"] + 1])
    return listed(found, limit=asked["limit"], show=show, cursor=lambda row: id_cursor(row.pk))


def id_cursor(id: uuid.UUID) -> str:
    return _written(id.bytes)


def id_after(cursor: str | None) -> uuid.UUID | None:
    """Where to go on. Raises a 422 Problem for a cursor that is not one of ours."""
    raw = _read(cursor, size=16)
    return None if raw is None else uuid.UUID(bytes=raw)


def position_cursor(position: int) -> str:
    return _written(position.to_bytes(8))


def position_after(cursor: str | None) -> int | None:
    """Where to go on. Raises a 422 Problem for a cursor that is not one of ours."""
    raw = _read(cursor, size=8)
    position = None if raw is None else int.from_bytes(raw)
    if position is not None and position >= 1 << 63:  # what the column can hold
        raise _not_ours()
    return position


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(cursor: str | None, *, size: int) -> bytes | None:
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _not_ours() from None
    if len(raw) != size:
        raise _not_ours()
    return raw


def _not_ours() -> Problem:
    return invalid("cursor", "invalid", "This is not a next_cursor of this list.")
