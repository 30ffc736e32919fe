"""A customer's program that takes webhooks: a real server on loopback, as well-behaved as asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Post:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """What it says; anything not signed with this secret fails the test."""
        return Webhook(secret).verify(self.body, self.headers)


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def says(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


def late(seconds: float, status: int = 200) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await says(status)(writer)

    return answer


async def endless(writer: asyncio.StreamWriter) -> None:
    """200, and a body without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    with suppress(OSError):
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()


async def drips(writer: asyncio.StreamWriter) -> None:
    """A head that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        while True:
            writer.write(b"x-more: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.2)


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    """Not a word."""


@dataclass
class Receiver:
    """Answers with `plan` in turn, then with `answer`."""

    answer: Answer = field(default_factory=says)
    plan: list[Answer] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_at_once: int = 0
    port: int = 0

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/hook") -> str:
        return f"http://{self.pair}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                self.posts.append(await _read(reader))
                await (self.plan.pop(0) if self.plan else self.answer)(writer)
                await writer.drain()
        finally:
            self.open -= 1
            writer.close()


@contextmanager
def receiving(answer: Answer | None = None) -> Iterator[Receiver]:
    """One of these, in a thread of its own."""
    receiver, ready = Receiver(answer or says()), threading.Event()
    stop: list[Callable[[], object]] = []

    async def run() -> None:
        server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, backlog=512)
        receiver.port = server.sockets[0].getsockname()[1]
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(ended.set))
        ready.set()
        async with server:
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield receiver
    finally:
        stop[0]()
        thread.join(5)


async def _read(reader: asyncio.StreamReader) -> Post:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Post(first.split(" ")[1], headers, body)
