"""
The event loop of a simulated process: its time is the clock's, its connections end in a company.

Threads for blocking calls are no threads here, so that everything happens in one order. What
aiohttp writes is read as HTTP; what a company answers arrives as bytes, whole, in part or never.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import connection

from tests.sim.clock import clock
from tests.sim.processes import Process, current

REASONS = {200: "OK", 201: "Created", 202: "Accepted"}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What arrives, when, and how much of it before the connection breaks."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float | None = 0.0  # seconds; None for never
    arrives: float = 1.0  # the share of its bytes
    is_reset: bool = False  # how it breaks: rudely, or by simply ending

    def bytes(self) -> bytes:
        head = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Said')}"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        head += [f"Content-Length: {len(self.body)}", "", ""]
        whole = "\r\n".join(head).encode() + self.body
        return whole[: int(len(whole) * self.arrives)]


class Server(Protocol):
    def takes_connections(self) -> bool | None:
        """True, False for a closed door, None for one where nobody ever answers."""

    def answer(self, request: Request) -> Reply: ...


#: port -> who is there
servers: dict[int, Server] = {}


class Loop(asyncio.SelectorEventLoop):
    """Runs in the process that made it."""

    def __init__(self) -> None:
        process = current()
        assert process is not None, "only simulated processes talk to the world"
        self.process = process
        super().__init__(_Nothing(process))
        self.set_exception_handler(lambda *_: None)  # the dead leave loose ends

    def time(self) -> float:
        return clock.elapsed

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """At once and here, as if the thread had been quick; the dead write nothing any more."""
        if self.process.is_killed:
            raise asyncio.CancelledError
        done = self.create_future()
        asyncio._set_running_loop(None)  # it is not in the loop that it believes to be called
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        finally:
            asyncio._set_running_loop(self)
        return done

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        assert not connection.in_atomic_block, "the network is waited for inside a transaction"
        takes = servers[address[1]].takes_connections()
        if takes is None:
            await self.create_future()
        if not takes:
            raise ConnectionRefusedError(111, "Connection refused")
        self._to = address[1]

    async def create_connection(self, factory: Any, *_: Any, sock: Any = None, **__: Any) -> Any:
        """Follows `sock_connect` without anything in between."""
        sock.close()
        protocol = factory()
        transport = _Line(self, protocol, servers[self._to])
        protocol.connection_made(transport)
        return transport, protocol

    def _make_self_pipe(self) -> None:
        """Nobody calls from another thread."""

    def _close_self_pipe(self) -> None:
        """There is none."""

    def _write_to_self(self) -> None:
        """There is no need to be woken."""


class Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return Loop()


class _Nothing(selectors.BaseSelector):
    """No file is ever ready; waiting for one is the moment to let others run."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout > 0:
            self._process.wait(timeout)
        return []

    def register(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    unregister = register

    def get_map(self) -> Any:
        return {}


class _Line(asyncio.Transport):
    """One connection, seen from our end."""

    def __init__(self, loop: Loop, protocol: Any, server: Server) -> None:
        super().__init__()
        self._loop, self._protocol, self._server = loop, protocol, server
        self._written = b""
        self._is_closed = False

    def write(self, data: Any) -> None:
        self._written += bytes(data)
        if request := _read(self._written):
            self._written = b""
            self._hear(self._server.answer(request))

    def writelines(self, pieces: Any) -> None:
        self.write(b"".join(bytes(piece) for piece in pieces))

    def _hear(self, reply: Reply) -> None:
        if reply.after is None:
            return
        if reply.after:
            self._loop.process.hears_at.append(clock.elapsed + reply.after)
        self._loop.call_later(reply.after, self._arrive, reply)

    def _arrive(self, reply: Reply) -> None:
        if self._is_closed:
            return
        if received := reply.bytes():
            self._protocol.data_received(received)
        if reply.arrives < 1.0:
            if not reply.is_reset:
                self._protocol.eof_received()
            self._lose(ConnectionResetError() if reply.is_reset else None)

    def _lose(self, error: Exception | None) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._loop.call_soon(self._protocol.connection_lost, error)

    def close(self) -> None:
        self._lose(None)

    abort = close

    def is_closing(self) -> bool:
        return self._is_closed

    def pause_reading(self) -> None:
        """Answers are short."""

    resume_reading = pause_reading


def _read(data: bytes) -> Request | None:
    """The request, once all of it is there."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if len(body) < int(headers.get("content-length", 0)):
        return None
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body)
