"""
One event loop in a process for all that is being sent: who is slow holds up nobody else.

A task that finds a session at work rings its bell and goes: the session takes up what is new beside
what is under way, and ends when all of it is answered. It renews the leases of what it has in hand.
A worker that is told to stop takes up nothing new and gives what is under way some time.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Protocol

import httpx
from django.conf import settings
from django.db import DatabaseError, connection

from accounts import bindings, claims
from accounts.claims import Claim
from accounts.concurrency import in_database, stopping
from accounts.crashpoints import crashpoint
from generations.models import Attempt, Generation
from generations.transport import new_client

logger = logging.getLogger(__name__)

#: Submissions under way at once.
AT_ONCE = 500
#: Orders taken up in one transaction.
BATCH = 50
#: Seconds until new orders are looked for although nobody rang, and least between two rounds: what
#: comes meanwhile shares a round, whose cost is that of one order.
ROUND, LEAST_ROUND = 1.0, 0.05

Held = Claim[Generation]
Begun = tuple[Held, Attempt]
Work = Callable[[Held, Attempt, httpx.AsyncClient], Coroutine[Any, Any, None]]


class TakeUp(Protocol):
    """:returns: the attempts that were begun, and how many orders ended instead."""

    def __call__(self, *, limit: int) -> tuple[list[Begun], int]: ...


class Sessions:
    """The sessions of one process for one kind of submission: never two at a time."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._alone = threading.Lock()
        self._rung = threading.Event()
        self._session: _Session | None = None

    def run(self, take_up: TakeUp, *, limit: int | None = None) -> int:
        """
        Take up what is due, and more as it comes, and stay until all of it is answered.

        :param limit: how many orders to take up at most.
        :returns: how many were sent or ended; 0 where this process is at it already.
        """
        done = 0
        self._rung.set()
        while self._rung.is_set() and not stopping.is_set():
            if not self._alone.acquire(blocking=False):
                self._ring()
                return done
            try:
                done += self._run(take_up, limit)
            finally:
                self._session = None
                self._alone.release()
        return done

    def _run(self, take_up: TakeUp, limit: int | None) -> int:
        connection.close()  # nothing holds a connection while it waits on the network
        self._session = _Session(take_up, self._work, rung=self._rung, limit=limit)
        return asyncio.run(self._session.until_done())

    def _ring(self) -> None:
        if session := self._session:
            session.wake()


class _Session:
    def __init__(
        self, take_up: TakeUp, work: Work, *, rung: threading.Event, limit: int | None
    ) -> None:
        self._take_up, self._work, self._rung = take_up, work, rung
        self._left = sys.maxsize if limit is None else limit
        self._held: dict[asyncio.Task[None], Held] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell = asyncio.Event()
        self._done = 0

    def wake(self) -> None:
        """From another thread."""
        with suppress(RuntimeError):  # its loop is closed: whoever runs it sees that it was rung
            if self._loop:
                self._loop.call_soon_threadsafe(self._bell.set)

    async def until_done(self) -> int:
        self._loop = asyncio.get_running_loop()
        async with new_client(connections=AT_ONCE) as client:
            renewing = asyncio.create_task(self._renew())
            try:
                await self._go_on(client)
                await self._wind_up()
            finally:
                await _end([renewing])
        return self._done

    async def _go_on(self, client: httpx.AsyncClient) -> None:
        while not stopping.is_set():
            self._rung.clear()
            self._bell.clear()
            await self._begin(client)
            if not self._held:
                return
            await asyncio.sleep(LEAST_ROUND)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), ROUND)

    async def _begin(self, client: httpx.AsyncClient) -> None:
        most = min(BATCH, self._left, AT_ONCE - len(self._held))
        if most <= 0:
            return
        begun, ended = await in_database(self._take_up, limit=most)
        if begun:
            crashpoint("CP6")
        for claim, attempt in begun:
            task = asyncio.create_task(self._sent(claim, attempt, client))
            self._held[task] = claim
            task.add_done_callback(self._ended)
        self._left -= len(begun)
        self._done += len(begun) + ended
        if len(begun) == BATCH:  # there may be more
            self._bell.set()

    async def _sent(self, claim: Held, attempt: Attempt, client: httpx.AsyncClient) -> None:
        bindings.add(generation=claim.row.public_id, attempt=attempt.id.hex)
        await self._work(claim, attempt, client)

    async def _wind_up(self) -> None:
        if self._held:
            await asyncio.wait(self._held, timeout=settings.SHUTDOWN_GRACE)
        await _end(list(self._held))

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._held[task]
        if not self._held:
            self._bell.set()
        if not task.cancelled() and (error := task.exception()):
            logger.error("A submission broke; its lease will end.", exc_info=error)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(claims.RENEWED_EVERY)
            if held := list(self._held.values()):
                with suppress(DatabaseError):  # the next renewal may get through
                    await in_database(claims.extend, held)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
