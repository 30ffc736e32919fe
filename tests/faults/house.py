"""
A whole Reelay with all five providers at work, and what these tests do to it: order, follow, let
time pass, and read what the providers and the books say of one order.
"""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from tests.faults.database import Database
from tests.journeys.site import API, CHECKOUT, FINAL, Site, wait_until

#: What a clip of 768P and 6 s costs us, in micro-dollars (providers.md 0.4). ToAPIs publishes no
#: price: the sandbox bills the common one, and staff enter the same.
PRICES = {
    "cloudflare": 280_000,
    "minimax": 280_000,
    "pixazo": 350_000,
    "runware": 280_000,
    "toapis": 280_000,
}
PROVIDERS = tuple(PRICES)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a provider has of one order: submissions read, jobs taken, micro-dollars billed."""

    submits: int = 0
    accepted: int = 0
    billed: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """One placed order; no two have the same prompt."""

    id: str
    provider: str
    prompt: str


class Spare:
    """A worker that nobody looks after: the same command with the same variables."""

    def __init__(self, worker: psutil.Process, log: Path) -> None:
        self._command, self._environment, self._log = worker.cmdline(), worker.environ(), log
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._environment, cwd=CHECKOUT, stdout=log, stderr=log
            )

    def tend(self) -> None:
        """Start it again if it is gone."""
        if self.process.poll() is not None:
            self.start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class House:
    """One running site with one customer who can pay for everything."""

    def __init__(self, var: Path, **environment: str) -> None:
        self.var = var
        settings = {"SANDBOX_RENDER_SECONDS": "1", "FULL_DECODE": "0", "SHUTDOWN_GRACE": "1"}
        self.site = Site(var, environment={**settings, **environment})
        self.database = Database(lambda: self._database_url, PROVIDERS)

    def open(self) -> House:
        self.site.start()
        self.database.enter_prices(PRICES)
        self.customer = self.site.customer("2000.00")
        return self

    def close(self) -> None:
        """Over: the books are right, and nothing had to be killed."""
        try:
            assert "The books are right" in self.site.audit()
        finally:
            assert self.site.stop() == 0

    # Ordering

    def order(self, prompt: str, **body: Any) -> str:
        """The id of a new order. A provider that is paused at this moment is asked again."""
        wish = {"model": "hailuo-2.3", "prompt": prompt, **body}
        for _ in range(100):
            answer = self.customer.api.post("/generations", json=wish)
            if answer.status_code != 409:
                break
            time.sleep(0.1)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def place(
        self,
        prompt: str,
        *,
        provider: str,
        within: float = 60,
        doors: Iterator[API] | None = None,
    ) -> Order:
        """
        Order as a careful client does: with a key of its own, and again with the same key for as
        long as there is no answer, each time at the next door.
        """
        doors = doors or itertools.repeat(self.customer.api)
        key = {"Idempotency-Key": hashlib.sha256(f"{provider} {prompt}".encode()).hexdigest()}
        wish = {"model": "hailuo-2.3", "prompt": prompt, "provider": provider}
        deadline = time.monotonic() + within
        while True:
            with suppress(httpx.HTTPError):
                answer = next(doors).post("/generations", json=wish, headers=key)
                if answer.status_code == 202:
                    return Order(answer.json()["id"], provider, prompt)
                assert answer.status_code in (409, 503), answer.text
            assert time.monotonic() < deadline, "the site does not come back"
            time.sleep(0.2)

    # Following

    def follow(
        self, orders: Collection[str], *, until: Collection[str] = FINAL, within: float
    ) -> dict[str, str]:
        """
        Where each of them is, as soon as all are in one of these states or have come to an end;
        where that takes too long, where they are then.
        """
        deadline = time.monotonic() + within
        while True:
            with suppress(psycopg.OperationalError):  # PostgreSQL may be one of the victims
                seen = self.database.states(orders)
                there = all(state in (*FINAL, *until) for state in seen.values())
                if there or time.monotonic() > deadline:
                    return seen
            time.sleep(0.3 if len(orders) > 10 else 0.1)

    # Reading

    def seen(self) -> dict[tuple[str, str], Seen]:
        """(provider, prompt) → what that provider has of it."""
        found: dict[tuple[str, str], Seen] = defaultdict(Seen)
        for job in self.jobs():
            key = (job["provider"], job["prompt"])
            before = found[key]
            found[key] = Seen(
                before.submits + job["posts"],
                before.accepted + (job["state"] != "refused"),
                before.billed + job["billed"],
            )
        return found

    def jobs(self) -> list[dict[str, Any]]:
        return list(self.site.sandbox("GET", "/control/jobs")["jobs"])

    def counters(self) -> dict[str, int]:
        return dict(self.site.sandbox("GET", "/control/counters"))

    def movements(self) -> dict[str, list[dict[str, Any]]]:
        """Order → what the wallet says of it, oldest first: every page of the history."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        cursor: str | None = ""
        while cursor is not None:
            page = self._page({"limit": "100", **({"cursor": cursor} if cursor else {})})
            for row in page["data"]:
                found[row["generation"]].insert(0, row)
            cursor = page["next_cursor"]
        return found

    def knob(self, provider: str, times: int | None = 1, **knobs: object) -> None:
        """The next `times` orders or questions of this provider meet these faults."""
        named = {name.replace("_", "-"): value for name, value in knobs.items()}
        wish = {"provider": provider, "knobs": named}
        self.site.sandbox("POST", "/control/knobs", **wish, **({"times": times} if times else {}))

    def rules(self) -> list[object]:
        """The faults that nobody has met yet."""
        return list(self.site.sandbox("GET", "/control/knobs")["rules"])

    # Its parts

    def environment(self, process: str) -> dict[str, str]:
        """The variables one of its processes was started with."""
        return dict(psutil.Process(self.site.pids()[process]).environ())

    @contextmanager
    def spare_workers(self, count: int) -> Iterator[list[Spare]]:
        """More workers beside the one of the site, and just like it."""
        worker = psutil.Process(self.site.pids()["worker"])
        wait_until(lambda: "celery" in worker.cmdline())
        spares = [Spare(worker, self.var / "log" / f"spare-{n}.log") for n in range(count)]
        try:
            yield spares
        finally:
            for spare in spares:
                spare.stop()

    @cached_property
    def _database_url(self) -> str:
        return self.environment("worker")["DATABASE_URL"]

    def _page(self, query: Mapping[str, str]) -> dict[str, Any]:
        answer = self.customer.api.get("/wallet/transactions", params=query)
        return dict(answer.raise_for_status().json())


def micros(usd: str) -> int:
    return round(float(usd) * 1_000_000)
