"""Calendar months in UTC, written `2026-11`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

#: How far a report reaches back at most.
MOST = 36


def month(text: str) -> date:
    """The first day of `2026-11`. Raises ValueError."""
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise ValueError("Write a month like 2026-11.")
    return date(int(text[:4]), int(text[5:]), 1)


def moved(first: date, months: int) -> date:
    """So many months later, or earlier."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def between(first: date, last: date) -> int:
    """How many months there are from first to last, both included."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def begins(first: date) -> datetime:
    return datetime(first.year, first.month, 1, tzinfo=UTC)
