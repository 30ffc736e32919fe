"""
What the sandbox owes to others: webhooks, and files for those who asked for an upload.

As Runware does it (providers.md 2.7): 2xx within 5 s is delivered; otherwise again after 250 ms,
doubling up to 8 s, with jitter, ten times at most. Some companies try less often. Owed deliveries
survive a restart.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from generations.sandbox.loopback import is_here
from generations.sandbox.notes import Notes
from generations.sandbox.records import Job
from generations.sandbox.store import Store

log = logging.getLogger(__name__)

ANSWER_WITHIN = 5.0
MOST_TRIES = 10

#: MiniMax and Pixazo document no retry; one attempt is assumed (providers.md 4.5, 6.6).
FEWER_TRIES = {"minimax": 1, "pixazo": 1}

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0

#: So much of an answer is read, in bytes.
LONGEST_ANSWER = 64 * 1024


class Deliveries:
    def __init__(self, store: Store, notes: Notes) -> None:
        self._store = store
        self._notes = notes
        self._tasks: set[asyncio.Task[None]] = set()
        self._tried: dict[tuple[str, str], asyncio.Event] = {}
        self._session: aiohttp.ClientSession | None = None

    def resume(self) -> None:
        """Take up what was owed when the sandbox stopped."""
        for row in self._store.rows("SELECT id FROM deliveries WHERE state = 'owed'"):
            self._start(row["id"])

    def owe_webhook(self, job: Job, body: Mapping[str, object], *, after: float = 0.0) -> None:
        """Send this body to the job's webhook address."""
        self._owe(job, "POST", job.webhook_url or "", json.dumps(body), None, after)

    def owe_upload(self, job: Job, path: Path) -> None:
        """Put the file where the job's upload address says."""
        self._owe(job, "PUT", job.upload_url or "", None, str(path), 0.0)

    async def first_try(self, job: Job, *, within: float) -> None:
        """Wait until a webhook of this job has been tried, but no longer than `within` seconds."""
        event = self._tried.setdefault((job.provider, job.uuid), asyncio.Event())
        try:
            await asyncio.wait_for(event.wait(), within)
        except TimeoutError:
            log.warning("no webhook of %s was tried within %s s", job.uuid, within)

    async def post(self, url: str, body: str | bytes, headers: Mapping[str, str]) -> int:
        """Send one request to this machine; the answer's status, 0 when there was none."""
        return (await self._send("POST", url, body, headers))[0]

    async def ask(self, url: str, question: Mapping[str, object], *, within: float) -> bytes:
        """The body of a 2xx answer that came within so many seconds; empty when none did."""
        headers = {"Content-Type": "application/json"}
        try:
            async with asyncio.timeout(within):
                status, answer = await self._send("POST", url, json.dumps(question), headers)
        except TimeoutError:
            return b""
        return answer if 200 <= status < 300 else b""

    async def drop(self) -> None:
        """Stop trying; what is owed stays in the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tried.clear()

    async def close(self) -> None:
        await self.drop()
        if self._session:
            await self._session.close()

    def _owe(
        self, job: Job, method: str, url: str, body: str | None, path: str | None, after: float
    ) -> None:
        number = self._store.insert(
            "INSERT INTO deliveries (provider, job, method, url, body, path, due_at, tries, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'owed')",
            job.provider, job.uuid, method, url, body, path, time.time() + after,
        )  # fmt: skip
        self._start(number)

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
            status = await self._attempt(row)
            self._tried.setdefault((row["provider"], row["job"]), asyncio.Event()).set()
            if 200 <= status < 300:
                self._close(number, "delivered", row)
            elif row["tries"] + 1 >= FEWER_TRIES.get(row["provider"], MOST_TRIES):
                self._close(number, "given_up", row)
            else:
                self._postpone(number, row["tries"] + 1)

    def _owed(self, number: int) -> sqlite3.Row | None:
        query = "SELECT * FROM deliveries WHERE id = ? AND state = 'owed'"
        return self._store.row(query, number)

    def _close(self, number: int, state: str, row: sqlite3.Row) -> None:
        with self._store.transaction():
            self._store.run("UPDATE deliveries SET state = ? WHERE id = ?", state, number)
            kind = "webhooks" if row["method"] == "POST" else "uploads"
            self._notes.count(f"{row['provider']}.{kind}_{state}")

    def _postpone(self, number: int, tries: int) -> None:
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - not a secret
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)) * jitter
        self._store.run(
            "UPDATE deliveries SET tries = ?, due_at = ? WHERE id = ?",
            tries, time.time() + pause, number,
        )  # fmt: skip

    async def _attempt(self, row: sqlite3.Row) -> int:
        if row["path"] is None:
            headers = {"Content-Type": "application/json"}
            return (await self._send(row["method"], row["url"], row["body"], headers))[0]
        content = await asyncio.to_thread(Path(row["path"]).read_bytes)
        return (await self._send(row["method"], row["url"], content, {}))[0]

    async def _send(
        self, method: str, url: str, body: str | bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Status and beginning of the answer; 0 when there was none."""
        if not is_here(url):
            log.error("refusing to call %s, which is not on this machine", url)
            return 0, b""
        if self._session is None:
            # From five seconds on aiohttp would round up to a full one, unless told otherwise.
            timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN, ceil_threshold=60)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, await answer.content.read(LONGEST_ANSWER)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0, b""
