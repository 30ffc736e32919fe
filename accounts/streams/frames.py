"""How an event looks on the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer

#: A sign of life; clients ignore it.
PING = b": ping\n\n"


def event(id: str, type: str, shown: Mapping[str, Any]) -> bytes:
    """JSON has no line ends of its own, so that the data is one line."""
    data: bytes = JSONRenderer().render(shown)
    return f"event: {type}\nid: {id}\n".encode() + b"data: " + data + b"\n\n"


def news(id: str, about: str) -> bytes:
    """A name only; without a type it is a `message` for browsers."""
    return f"id: {id}\ndata: {about}\n\n".encode()


def hello() -> bytes:
    """How soon to come back when it breaks off; not everybody at the same moment."""
    return f"retry: {random.randint(1000, 3000)}\n\n".encode()  # noqa: S311  (no secret)
