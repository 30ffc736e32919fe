"""Job ids as providers make them."""

from __future__ import annotations

import secrets
import time
import uuid

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid() -> str:
    """48 bits of milliseconds and 80 random ones, in 26 letters and digits."""
    value = _timed()
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def uuid7() -> str:
    """A version 7 UUID (RFC 9562)."""
    value = _timed() & ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=value | 7 << 76 | 2 << 62))


def digits() -> str:
    """Fifteen digits, as MiniMax numbers its tasks (388507504709991 in seed 000); always odd."""
    return str(10**14 + secrets.randbelow(9 * 10**14) | 1)


def _timed() -> int:
    return (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
