"""
Customers' webhooks delivered a second: the loop as a worker runs it, over the guarded sockets, to a
real HTTP server in a process of its own, all on this machine with its own database.

To one address, where a lane sends two at once; and to many, as the customers of a busy day.
"""

from __future__ import annotations

import asyncio
import cProfile
import os
import pstats
import subprocess
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from bench.home import at_home
from bench.table import Figure, percentile, show

DELIVERIES = 4000
ADDRESSES = (1, 50)
LEAST = 200
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def main(count: int = DELIVERIES) -> bool:
    with _receiver() as port, at_home(OUTBOUND_ALLOW=f"127.0.0.1:{port}"):
        met = [_measured(count, addresses, port) for addresses in ADDRESSES]
        return all(met)


def _measured(count: int, addresses: int, port: int) -> bool:
    from accounts.models import WebhookDelivery
    from accounts.webhooks import loop

    _tell(count, addresses, port)
    seconds, processor = time.monotonic(), time.process_time()
    with _profile():
        tried = loop.run(stay=120)
    seconds, processor = time.monotonic() - seconds, time.process_time() - processor
    rows = WebhookDelivery.objects.all()
    took = [row.log[0]["ms"] for row in rows]
    undelivered = rows.exclude(state="delivered").count()
    where = "one address" if addresses == 1 else f"{addresses} addresses"
    return show(
        f"{count:,} webhooks to {where}",
        [
            Figure("deliveries a second", tried / seconds, "/s", least=LEAST),
            Figure("our processor time, each", 1000 * processor / count, "ms"),
            Figure("request to answer, p95", percentile(took, 0.95), "ms"),
            Figure("not delivered", undelivered, most=0),
        ],
    )


def _tell(count: int, addresses: int, port: int) -> None:
    """Events of as many workspaces as there are addresses, an endpoint each."""
    from accounts import events
    from accounts.models import CustomerEvent, WebhookDelivery
    from accounts.webhooks import endpoints
    from tests.factories import a_workspace

    WebhookDelivery.objects.all().delete()
    CustomerEvent.objects.all().delete()
    workspaces = [a_workspace() for _ in range(addresses)]
    for number, one in enumerate(workspaces):
        endpoints.create(one, url=f"http://127.0.0.1:{port}/{number}")
    for number in range(count):
        workspace = workspaces[number % addresses]
        data = {"available": "4.20", "threshold": "5.00"}
        events.tell(workspace_id=workspace.pk, type="wallet.low", data=data)


@contextmanager
def _profile() -> Iterator[None]:
    """BENCH_PROFILE=1 prints where the loop's own thread spends its time."""
    profile = cProfile.Profile() if os.environ.get("BENCH_PROFILE") else None
    with profile or nullcontext():
        yield
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)


@contextmanager
def _receiver() -> Iterator[int]:
    command = [sys.executable, "-m", "bench.webhooks", "receive"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait(10)


async def _receive() -> None:
    """Takes whatever comes, and says so."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


async def _answer(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(ANSWER)
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["receive"]:
        asyncio.run(_receive())
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
