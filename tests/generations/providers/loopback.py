"""Real servers on the loopback that misbehave as told, each in its own moment."""

from __future__ import annotations

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

OK = b'{"ok":true}'


@dataclass
class Server:
    """A loopback server that behaves as told, and remembers what it was sent."""

    url: str = ""
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


class Hearing:
    """What arrives on one connection, request by request."""

    def __init__(self, reader: StreamReader, server: Server) -> None:
        self._reader, self._server = reader, server

    async def head(self) -> bytes:
        return await self._reader.readuntil(b"\r\n\r\n")

    async def request(self) -> bytes:
        head = await self.head()
        lengths = [
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ]
        body = await self._reader.readexactly(lengths[0]) if lengths else b""
        self._server.requests.append(head + body)
        return head + body


Behaviour = Callable[[Hearing, StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(behave: Behaviour, **options: Any) -> AsyncIterator[Server]:
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await behave(Hearing(reader, server), writer)
        with suppress(Exception):
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, **options)
    scheme = "https" if options else "http"
    server.url = f"{scheme}://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def reply(body: bytes = OK, *, status: str = "200 OK", **headers: str) -> bytes:
    headers = {"content-length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


def says(answer: bytes) -> Behaviour:
    async def behave(heard: Hearing, writer: StreamWriter) -> None:
        while True:
            await heard.request()
            writer.write(answer)
            await writer.drain()

    return behave


def says_and_closes(answer: bytes) -> Behaviour:
    async def behave(heard: Hearing, writer: StreamWriter) -> None:
        await heard.request()
        writer.write(answer)
        await writer.drain()

    return behave


async def closes_at_once(heard: Hearing, writer: StreamWriter) -> None:
    return


async def closes_after_reading(heard: Hearing, writer: StreamWriter) -> None:
    await heard.request()


async def resets_at_once(heard: Hearing, writer: StreamWriter) -> None:
    reset(writer)


async def resets_after_reading(heard: Hearing, writer: StreamWriter) -> None:
    await heard.request()
    reset(writer)


async def resets_in_the_answer(heard: Hearing, writer: StreamWriter) -> None:
    await heard.request()
    writer.write(reply(b"x" * 1000)[:200])
    await writer.drain()
    await asyncio.sleep(0.05)
    reset(writer)


async def never_answers(heard: Hearing, writer: StreamWriter) -> None:
    await heard.request()
    await asyncio.sleep(60)


async def dribbles(heard: Hearing, writer: StreamWriter) -> None:
    await heard.request()
    writer.write(reply(b"x" * 1000)[:60])
    for _ in range(100):
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"x")


async def never_stops(heard: Hearing, writer: StreamWriter) -> None:
    await heard.request()
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


def reset(writer: StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
