"""How the loops work on many rows at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

import httpx
from django.db import connection

from generations.transport import new_client

logger = logging.getLogger(__name__)

Work = Callable[[httpx.AsyncClient], Iterable[Coroutine[Any, Any, object]]]

AT_ONCE = 64


def side_by_side(work: Work, *, finally_: Callable[[], Awaitable[None]] | None = None) -> None:
    """
    Run coroutines over one client, a bounded number at once, and `finally_` when all are done.

    One that breaks is logged and its row is found again when its lease ends: a loop never dies of
    one row.
    """
    connection.close()  # nothing holds a connection while it waits on the network
    asyncio.run(_bounded(work, finally_))


async def _bounded(work: Work, finally_: Callable[[], Awaitable[None]] | None) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(job: Coroutine[Any, Any, object]) -> None:
        async with gate:
            try:
                await job
            except Exception:
                logger.exception("A row could not be worked on; its lease will end.")

    async with new_client() as client:
        await asyncio.gather(*(one(job) for job in work(client)))
    if finally_:
        await finally_()
