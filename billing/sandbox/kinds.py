"""What Stripe's objects are made of."""

from __future__ import annotations

import secrets
import string
from typing import Any

#: One Stripe object as JSON has it.
Thing = dict[str, Any]

#: stripe 16.1 speaks this version.
API_VERSION = "2026-10-28.endive"

_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """An identifier that nobody can guess, such as `pi_3Qd…`."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))
