"""
Thousands of idle event streams in one process: what each takes, and how soon an event arrives.

One uvicorn process over its own database; ten streams for each workspace, opened as customers open
them. Then events in workspaces at random, each timed from before it is written until each of its
ten clients has it; at last one in every workspace at once.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psutil

from bench.home import at_home
from bench.table import Figure, percentile, show

STREAMS, EACH = 5000, 10
WARM = 100
EVENTS, A_SECOND = 200, 20
AT_ONCE = 16


def main(streams: int = STREAMS) -> bool:
    if (files := _files()) < streams + 200:
        streams = files - 200
        print(f"  only {streams} streams: this shell may open no more files (ulimit -n)")
    with at_home() as var:
        (var / "static").mkdir()
        return _served(streams)


def _served(streams: int) -> bool:
    with _server() as (server, port):
        return asyncio.run(_measure(streams, server, port))


async def _measure(streams: int, server: psutil.Process, port: int) -> bool:
    customers = await asyncio.to_thread(_customers, max(1, streams // EACH))
    for client in await _opened(port, customers, WARM):
        client.transport.close()
    await asyncio.sleep(1)
    empty, begun = _memory(server), time.monotonic()
    clients = await _opened(port, customers, streams)
    opening = time.monotonic() - begun
    await asyncio.sleep(1)
    each = (_memory(server) - empty) / streams
    waits = await _told(clients, [random.choice(customers) for _ in range(EVENTS)], A_SECOND)
    burst = await _told(clients, customers, 10_000)
    return show(
        f"{streams:,} idle event streams in one process, ten for each workspace",
        [
            Figure("memory of each over the empty process (PSS)", each / 1024, "KiB", most=60),
            Figure("event to client, p95", percentile(waits, 0.95) * 1000, "ms", most=100),
            Figure("event to client, median", percentile(waits, 0.5) * 1000, "ms"),
            Figure("the same, an event for everybody at once, p95",
                   percentile(burst, 0.95) * 1000, "ms"),
            Figure("events that did not arrive",
                   (EVENTS + len(customers)) * EACH - len(waits) - len(burst), most=0),
            Figure("streams opened a second", streams / opening, "/s"),
        ],
    )  # fmt: skip


class Client(asyncio.Protocol):
    """One open stream; it notes how long each event was under way."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.waits: list[float] = []
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not self.opened.done() and b"retry: " in data:
            self.opened.set_result(None)
        for part in data.split(b'"at":')[1:]:
            self.waits.append(time.monotonic() - float(part.partition(b"}")[0]))


async def _opened(port: int, customers: Sequence[Any], count: int) -> list[Client]:
    gate, loop = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop()

    async def opened(number: int) -> Client:
        _, key = customers[number % len(customers)]
        async with gate:
            transport, client = await loop.create_connection(Client, "127.0.0.1", port)
            transport.write(
                f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {key}\r\n\r\n".encode()
            )
            await asyncio.wait_for(client.opened, 30)
        return client

    return await asyncio.gather(*(opened(number) for number in range(count)))


async def _told(clients: Sequence[Client], customers: Sequence[Any], rate: int) -> list[float]:
    """Events, so many a second; how long each was under way to each of its clients."""
    for client in clients:
        client.waits.clear()
    await asyncio.to_thread(_tell, customers, rate)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        waits = [wait for client in clients for wait in client.waits]
        if len(waits) >= len(customers) * EACH:
            break
        await asyncio.sleep(0.1)
    return waits


def _tell(customers: Sequence[Any], rate: int) -> None:
    from django.db import connection

    from accounts import events

    begun = time.monotonic()
    for number, (workspace, _) in enumerate(customers):
        time.sleep(max(0, begun + number / rate - time.monotonic()))
        data = {"at": time.monotonic()}
        events.tell(workspace_id=workspace.pk, type="wallet.topped_up", data=data)
    connection.close()


def _customers(count: int) -> list[tuple[Any, str]]:
    """Workspaces, each with the text of a key."""
    from django.db import connection

    from accounts import keys
    from tests.factories import a_workspace

    workspaces = [a_workspace() for _ in range(count)]
    made = [(one, keys.create(maker=one.memberships.get(), name="bench")) for one in workspaces]
    connection.close()
    return [(workspace, key.text) for workspace, key in made]


@contextmanager
def _server() -> Iterator[tuple[psutil.Process, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--lifespan", "off", "--no-access-log", "--log-level", "error"]
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", *options]
    server = subprocess.Popen(command, env={**os.environ, "LOG_LEVEL": "ERROR"})
    try:
        _wait_for(port)
        yield psutil.Process(server.pid), port
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("uvicorn does not start")


def _memory(server: psutil.Process) -> int:
    """Proportional: what it shares with others counts for its part only."""
    return int(server.memory_full_info().pss)


def _files() -> int:
    """How many files this process and the server may open, raised as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
