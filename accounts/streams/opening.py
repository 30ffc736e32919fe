"""The head of a stream, as a view answers it; `sending.py` sends the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from accounts.streams.sending import STREAM, Scope
from accounts.streams.stream import Stream

CONTENT_TYPE = "text/event-stream"
#: Seconds after which a place may be free again.
COME_BACK = 10


def can_stream(request: HttpRequest) -> bool:
    """In this process, that is: one of WSGI has a thread for each request."""
    return isinstance(request, ASGIRequest)


def opened(request: HttpRequest, stream: Stream) -> StreamingHttpResponse:
    """To be called where the process can stream; a HEAD gets the head only."""
    if request.method == "GET":
        cast(Scope, cast(ASGIRequest, request).scope)[STREAM] = stream
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_elsewhere(), content_type=CONTENT_TYPE, headers=headers)


async def _elsewhere() -> AsyncIterator[bytes]:
    """A body that is sent outside of Django."""
    return
    yield b""
