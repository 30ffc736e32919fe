"""Files that are written while they are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections, connection
from django.http import HttpRequest, StreamingHttpResponse

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
}


def download(
    request: HttpRequest, pieces: Iterator[str], *, name: str, format: str
) -> StreamingHttpResponse:
    """The pieces as a file to keep; the name is ASCII."""
    made = _giving_back(pieces) if request.method == "GET" else iter("")
    sent = _awaited(made) if isinstance(request, ASGIRequest) else made
    return StreamingHttpResponse(
        sent, content_type=TYPES[format], headers=headers(f"{name}.{format}")
    )


def headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }


def _giving_back(pieces: Iterator[str]) -> Iterator[str]:
    """The same pieces; while a slow client takes one, no database connection waits for it."""
    for piece in pieces:
        if not connection.in_atomic_block:
            close_old_connections()
        yield piece


async def _awaited(pieces: Iterator[str]) -> AsyncIterator[str]:
    """The same pieces, each made in the request's thread, where its connection is."""
    following = sync_to_async(lambda: next(pieces, ""))
    while piece := await following():
        yield piece
