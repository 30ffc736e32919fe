"""
Events on their way: 2xx is delivered, otherwise again after a pause that doubles, for a long time.

Real Stripe pauses for hours and gives up after three days; here a pause is seconds, so that a
demo that was restarted hears of everything soon. What is owed survives a restart.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Sequence

from billing.sandbox.courier import Courier
from billing.sandbox.kinds import Thing
from billing.sandbox.listeners import Listener, Listeners
from billing.sandbox.policy import Policy
from billing.sandbox.shelf import Shelf
from billing.sandbox.store import Store

LONGEST_PAUSE = 60.0
MOST_TRIES = 200

#: So many tries are under way at once; a slow receiver is not run over.
MOST_UNDER_WAY = 8


class Deliveries:
    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        listeners: Listeners,
        courier: Courier,
        first_pause: float,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._listeners = listeners
        self._courier = courier
        self._first_pause = first_pause
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = asyncio.Semaphore(MOST_UNDER_WAY)
        self.policy = Policy(store)

    def listeners(self, type: str) -> list[Listener]:
        return self._listeners.of(type)

    def owe(self, event: Thing, listener: Listener) -> None:
        """Send it soon, or whatever the policy says about its type now."""
        state, copies = self.policy.about(event["type"])
        for _ in range(copies):
            number = self._store.insert(
                "INSERT INTO deliveries (event, type, endpoint, url, due_at, tries, status, state)"
                " VALUES (?, ?, ?, ?, ?, 0, 0, ?)",
                event["id"], event["type"], listener.id, listener.url, time.time(), state,
            )  # fmt: skip
            if state == "owed":
                self._start(number)

    def resume(self) -> None:
        """Take up what was owed when the sandbox stopped."""
        for row in self._store.rows("SELECT id FROM deliveries WHERE state = 'owed' ORDER BY id"):
            self._start(row["id"])

    def held(self) -> list[sqlite3.Row]:
        return self._store.rows("SELECT * FROM deliveries WHERE state = 'held' ORDER BY id")

    async def release(self, numbers: Sequence[int]) -> None:
        """Send these that were held back, one after the other in this order; retries come later."""
        for number in numbers:
            held = "UPDATE deliveries SET state = 'owed' WHERE id = ? AND state = 'held'"
            if self._store.run(held, number):
                await self._try(number)
                self._start(number)

    async def again(self, event: Thing, times: int, *, at_once: bool) -> list[int]:
        """Send it so many more times to all who want it; the answers' statuses."""
        payload = json.dumps(event, indent=2)
        wanted = self._listeners.of(event["type"])
        calls = [self._courier.carry(payload, one) for one in wanted for _ in range(times)]
        if at_once:
            return list(await asyncio.gather(*calls))
        return [await call for call in calls]

    def everything(self) -> list[Thing]:
        return [dict(row) for row in self._store.rows("SELECT * FROM deliveries ORDER BY id")]

    def pending(self, event: str) -> int:
        """How many listeners have not taken this event."""
        query = "SELECT count(*) AS n FROM deliveries WHERE event = ? AND state IN ('owed', 'held')"
        row = self._store.row(query, event)
        return int(row["n"]) if row else 0

    async def drop(self) -> None:
        """Stop trying; what is owed stays in the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        await self.drop()
        await self._courier.close()

    def _start(self, number: int) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, number: int) -> None:
        """Try until it is taken or given up."""
        # After the transaction that owes it, which this task was started inside.
        await asyncio.sleep(0)
        while row := self._owed(number):
            await asyncio.sleep(max(0.0, row["due_at"] - time.time()))
            async with self._under_way:
                await self._try(number)

    async def _try(self, number: int) -> None:
        row = self._owed(number)
        if row is None:
            return
        listener, event = self._listeners.named(row["endpoint"]), self._shelf.find(row["event"])
        if listener is None or event is None:
            self._note(number, 0, "given_up")
            return
        status = await self._courier.carry(json.dumps(event, indent=2), listener)
        if 200 <= status < 300:
            self._note(number, status, "delivered")
        elif row["tries"] + 1 >= MOST_TRIES:
            self._note(number, status, "given_up")
        else:
            self._note(number, status, "owed", self._pause(row["tries"]))

    def _owed(self, number: int) -> sqlite3.Row | None:
        query = "SELECT * FROM deliveries WHERE id = ? AND state = 'owed'"
        return self._store.row(query, number)

    def _note(self, number: int, status: int, state: str, pause: float = 0.0) -> None:
        self._store.run(
            "UPDATE deliveries SET status = ?, state = ?, tries = tries + 1, due_at = ?"
            " WHERE id = ?",
            status, state, time.time() + pause, number,
        )  # fmt: skip

    def _pause(self, tries: int) -> float:
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - not a secret
        return min(LONGEST_PAUSE, self._first_pause * 2.0 ** min(tries, 16)) * jitter
