"""How the loops work on many rows at once: coroutines for the network, threads for the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, ParamSpec, TypeVar

import httpx
from django.db import connection

from generations.transport import new_client

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[[httpx.AsyncClient], Iterable[Coroutine[Any, Any, object]]]

AT_ONCE = 64


def side_by_side(work: Work) -> None:
    """
    Run coroutines over one client, a bounded number at once.

    One that breaks is logged and its row is found again when its lease ends: a loop never dies of
    one row.
    """
    connection.close()  # nothing holds a connection while it waits on the network
    asyncio.run(_bounded(work))


async def in_database(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call it in a thread, and give that thread's database connection back."""

    def called() -> T:
        try:
            return call(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(called)


async def _bounded(work: Work) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(job: Coroutine[Any, Any, object]) -> None:
        async with gate:
            try:
                await job
            except Exception:
                logger.exception("A row could not be worked on; its lease will end.")

    async with new_client() as client:
        await asyncio.gather(*(one(job) for job in work(client)))
