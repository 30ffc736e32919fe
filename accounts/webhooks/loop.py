"""
Takes up what is due and sends it, side by side, on one event loop.

What goes to one address goes down one lane: a lane is in the hands of one process at a time, which
sends two of it at once, so one slow customer delays nobody and is not run over. Sent at least
once: what a killed worker had in hand is sent again under the same id when its lease ends.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial

from django.db import DatabaseError, connection, transaction

from accounts import claims
from accounts.concurrency import in_database, stopping
from accounts.crashpoints import crashpoint
from accounts.models import WebhookDelivery
from accounts.outbound.allowed import guard
from accounts.outbound.names import Resolver, system_resolver
from accounts.webhooks import parcels, results
from accounts.webhooks.courier import TOTAL, Courier
from accounts.webhooks.parcels import Held, Parcel
from accounts.webhooks.results import Result

logger = logging.getLogger(__name__)

#: Deliveries of one lane under way at once, lanes at once, and rows taken up at once.
AT_ONCE, LANES, BATCH = 2, 200, 400
#: Seconds: how long one task takes up more, how long results wait to be written down together, and
#: how long when a lane has ended.
STAY, ROUND, GATHER = 20.0, 0.2, 0.01
#: A lane that makes us wait for so many seconds gives the rest of its turn back.
SLOW = 1.0

_alone, _rung = threading.Lock(), threading.Event()


def run(
    *,
    now: datetime | None = None,
    resolve: Resolver = system_resolver,
    stay: float = STAY,
    total: float = TOTAL,
) -> int:
    """
    Send what is due, and more as it comes. Returns how many tries were made.

    Where this process is at it already, it is told that there is more.

    :param now: replaces the database's clock, for tests that travel in time.
    :param total: seconds that each may take.
    """
    until, tried = time.monotonic() + stay, 0
    _rung.set()
    while _rung.is_set() and time.monotonic() < until and _alone.acquire(blocking=False):
        connection.close()  # nothing holds a connection while it waits on the network
        try:
            courier = partial(Courier, guard(), resolve, connections=LANES * AT_ONCE, total=total)
            tried += asyncio.run(_session(courier, until, now))
        finally:
            _alone.release()
    return tried


async def _session(courier: Callable[[], Courier], until: float, now: datetime | None) -> int:
    return await _Session(courier(), until, now).until_done()


class _Session:
    def __init__(self, courier: Courier, until: float, now: datetime | None) -> None:
        self._courier, self._until, self._now = courier, until, now
        self._bell = asyncio.Event()
        self._in_hand: dict[uuid.UUID, Held] = {}
        self._lanes: dict[asyncio.Task[None], list[uuid.UUID]] = {}
        self._results: list[Result] = []
        self._unsent: list[Held] = []
        self._tried = 0

    async def until_done(self) -> int:
        renewing = asyncio.create_task(self._renew())
        try:
            await self._go_on()
        finally:
            await _end([renewing, *self._lanes])
            await self._courier.close()
        return self._tried

    async def _go_on(self) -> None:
        while True:
            _rung.clear()
            self._bell.clear()
            if not self._is_over() and len(self._lanes) < LANES:
                self._begin(await in_database(_taken_up, self._now))
            if not self._in_hand:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), ROUND)
            await asyncio.sleep(GATHER)
            await self._write_down()

    def _is_over(self) -> bool:
        return stopping.is_set() or time.monotonic() > self._until

    def _begin(self, taken: Iterable[Parcel]) -> None:
        by_lane = itertools.groupby(taken, key=lambda one: one.held.row.lane)
        for _, lane in by_lane:
            waiting = deque(lane)
            self._in_hand |= {one.held.row.pk: one.held for one in waiting}
            task = asyncio.create_task(self._down(waiting))
            self._lanes[task] = [one.held.row.pk for one in waiting]
            task.add_done_callback(self._ended)

    async def _down(self, waiting: deque[Parcel]) -> None:
        """One lane, in turn."""
        await asyncio.gather(*(self._walk(waiting) for _ in range(AT_ONCE)))

    async def _walk(self, waiting: deque[Parcel]) -> None:
        while waiting:
            parcel = waiting.popleft()
            outcome = await self._courier.deliver(parcel)
            crashpoint("CP17")
            self._results.append(Result(parcel, outcome))
            if outcome.seconds > SLOW or self._is_over():
                self._unsent += [one.held for one in waiting]
                waiting.clear()

    def _ended(self, task: asyncio.Task[None]) -> None:
        rows = self._lanes.pop(task)
        self._bell.set()
        if not task.cancelled() and (error := task.exception()):
            logger.error("A lane of webhooks broke; its leases will end.", exc_info=error)
            for row in rows:
                self._in_hand.pop(row, None)

    async def _write_down(self) -> None:
        done, unsent = self._results, self._unsent
        self._results, self._unsent = [], []
        if done:
            await in_database(results.write_down, done)
        if unsent:
            await in_database(results.put_back, unsent)
        self._tried += len(done)
        for held in (*unsent, *(one.parcel.held for one in done)):
            self._in_hand.pop(held.row.pk, None)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(claims.RENEWED_EVERY)
            if held := list(self._in_hand.values()):
                with suppress(DatabaseError):  # the next renewal may get through
                    await in_database(claims.extend, held)


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _taken_up(now: datetime | None) -> list[Parcel]:
    """The next of each lane that nobody has in hand, lane by lane."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        held = claims.take(
            WebhookDelivery,
            where=NEXT_OF_FREE_LANES,
            parameters=[now, now],
            limit=BATCH,
            now=now,
            without=["log"],
        )
    held.sort(key=lambda one: (one.row.lane, one.row.due_at or one.now, one.row.pk))
    return parcels.packed(held)


#: The number of the lock under which lanes are taken up.
ONE_AT_A_TIME = 0x77656268
#: Rows of one lane that are taken up together.
TURN = 100
#: From lane to lane by the index, so that ten thousand rows of one cost no more than one. As an
#: array it is asked once, and rows are compared by lane and time together so that no other index
#: fits: what the planner knows about a queue is always old, and it guessed at a scan for each row.
NEXT_OF_FREE_LANES = f"""state = 'pending' AND id = ANY (ARRAY(
WITH RECURSIVE lanes AS (
    (SELECT lane FROM accounts_webhookdelivery WHERE state = 'pending' ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT lane FROM accounts_webhookdelivery
             WHERE state = 'pending' AND lane > lanes.lane ORDER BY lane LIMIT 1)
      FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT next.id FROM lanes, LATERAL (
    SELECT id FROM accounts_webhookdelivery
     WHERE state = 'pending' AND (lane, due_at) >= (lanes.lane, '-infinity'::timestamptz)
       AND (lane, due_at) <= (lanes.lane, coalesce(%s, statement_timestamp()))
     ORDER BY lane, due_at LIMIT {TURN}) AS next
 WHERE NOT EXISTS (
    SELECT 1 FROM accounts_webhookdelivery
     WHERE lane = lanes.lane AND lease_until >= coalesce(%s, statement_timestamp()))))"""
