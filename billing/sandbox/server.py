"""Serves the sandbox on this machine until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

from aiohttp import web

from billing.sandbox.acts import checkout
from billing.sandbox.api.routes import ROUTES
from billing.sandbox.control.control import Control
from billing.sandbox.pages.doors import Pages
from billing.sandbox.parts import Bank, Settings, assemble
from billing.sandbox.reception import Reception

#: Requests still open when the server stops get this long.
GRACE = 0.5

#: How often it looks for sessions whose time is over, in seconds.
SWEEP_EVERY = 1.0


def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises ValueError for settings that must not be."""
    settings.check()
    asyncio.run(_serve(settings))


def application(bank: Bank) -> web.Application:
    """Everything the sandbox answers."""
    app = web.Application()
    app.add_routes(Control(bank).routes())
    app.add_routes(Pages(bank).routes())
    app.add_routes(Reception(bank).routes(ROUTES))
    return app


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bank = assemble(settings)
    runner = web.AppRunner(application(bank), access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    sweeping = asyncio.create_task(_sweep(bank))
    try:
        bank.base = await _listen(runner, settings)
        bank.deliveries.resume()
        _say(f"ready {bank.base}")
        await stop.wait()
    finally:
        sweeping.cancel()
        await runner.cleanup()
        await bank.close()


async def _sweep(bank: Bank) -> None:
    while True:
        await asyncio.sleep(SWEEP_EVERY)
        checkout.expire_due(bank)


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
