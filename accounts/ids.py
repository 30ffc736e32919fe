"""Ids: UUIDv7 inside, `<prefix>_<32 hex digits>` outside."""

from __future__ import annotations

import os
import time
import uuid
from datetime import datetime


def uuid7() -> uuid.UUID:
    """A new id that sorts by the millisecond it was made (RFC 9562, section 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def earliest(moment: datetime) -> uuid.UUID:
    """The least id that is made at that moment or later: times of rows that carry no index."""
    return uuid.UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def public(prefix: str, id: uuid.UUID) -> str:
    return f"{prefix}_{id.hex}"


def private(prefix: str, text: object) -> uuid.UUID | None:
    """The id inside a public one, or None where it is not one of ours."""
    if not isinstance(text, str) or len(text) != len(prefix) + 33:
        return None
    head, _, digits = text.rpartition("_")
    if head != prefix or not set(digits) <= set("0123456789abcdef"):
        return None
    return uuid.UUID(hex=digits)
