"""Serves the sandbox on this machine until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

from aiohttp import web

from generations.sandbox.cast import PLAYERS
from generations.sandbox.control import Control
from generations.sandbox.files import Files
from generations.sandbox.loopback import is_loopback
from generations.sandbox.parts import Parts, Settings, assemble

#: A first frame of 20 MB is 28 MB of base64, and one request may hold several tasks.
LARGEST_REQUEST = 128 * 1024 * 1024

#: Requests still open when the server stops get this long.
GRACE = 0.5


def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises ValueError for an address that is not this machine."""
    if not is_loopback(settings.host):
        raise ValueError(f"the sandbox listens on loopback only, not on {settings.host}")
    asyncio.run(_serve(settings))


def application(parts: Parts) -> web.Application:
    """Everything the sandbox answers."""
    app = web.Application(client_max_size=LARGEST_REQUEST)
    for player in PLAYERS:
        playing = player(parts)
        parts.announcers[player.name] = playing
        app.add_routes(playing.routes())
    app.add_routes(Files(parts).routes())
    app.add_routes(Control(parts).routes())
    return app


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parts = assemble(settings)
    runner = web.AppRunner(application(parts), access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        parts.links.base = await _listen(runner, settings)
        parts.deliveries.resume()
        parts.work.resume()
        _say(f"ready {parts.links.base}")
        await stop.wait()
    finally:
        await runner.cleanup()
        await parts.close()


def _say(line: str) -> None:
    """To whoever started us and waits for this line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _listen(runner: web.AppRunner, settings: Settings) -> str:
    """Open the port and return the server's own address; port 0 takes a free one."""
    site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
    await site.start()
    address = runner.addresses[0]
    family = socket.AF_INET6 if len(address) == 4 else socket.AF_INET
    host = f"[{address[0]}]" if family == socket.AF_INET6 else address[0]
    return f"http://{host}:{address[1]}"
