"""
Sends streams, outside of Django.

A request under Django's handler keeps a thread and two tasks until its last byte is sent. A stream
lasts for hours, and there are thousands: so its view answers with the headers only and leaves the
stream in the request's scope. What follows is sent from here, when Django has let go of everything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from accounts import ending
from accounts.streams.hub import AWAY, hub
from accounts.streams.stream import Stream

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Where in the scope of a request a view leaves the stream that is to be sent.
STREAM = "reelay.stream"
#: A client that takes nothing for so many seconds is let go.
TAKEN_WITHIN = 30.0


def streaming(django: Application) -> Application:
    """The same application, but for the streams it leaves behind."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_head(message: Message) -> None:
            if STREAM not in scope or message["type"] != "http.response.body":
                await send(message)

        ending.watch()
        await django(scope, receive, send_head)
        if stream := scope.pop(STREAM, None):
            await _send_all(stream, receive, send)

    return application


async def _send_all(stream: Stream, receive: Receive, send: Send) -> None:
    gone = asyncio.ensure_future(receive())  # the next thing a client says is that it left
    gone.add_done_callback(lambda _: stream.end())
    try:
        async with aclosing(hub.frames(stream)) as frames:
            async for frame in frames:
                await _send(frame, send)
        await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        logger.info("A client that took nothing for %s s was let go.", TAKEN_WITHIN)
    except AWAY:
        logger.warning("A stream broke off: the database is away. Its client comes back.")
    finally:
        gone.cancel()


async def _send(frame: bytes, send: Send) -> None:
    async with asyncio.timeout(TAKEN_WITHIN):
        await send({"type": "http.response.body", "body": frame, "more_body": True})
