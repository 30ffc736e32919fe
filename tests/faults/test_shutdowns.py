"""
Every process is told to stop, one after the other, while orders go on arriving: each ends by
itself and in time, whoever was being answered is answered, and nothing is lost or done twice.

There are two of everything, as in any real installation: what `make run` starts and looks after,
and beside it the processes of `compose.yaml`.
"""

from __future__ import annotations

import itertools
import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest

from tests.faults.crew import Part, crew
from tests.faults.house import PROVIDERS, House, Order, wait_until
from tests.faults.judging import ends, judge, judge_together
from tests.journeys.site import API

pytestmark = pytest.mark.slow

#: Longer than what is held open takes, so that nothing has to be cut off.
GRACE = "8"
#: They play the world outside: how they end is no concern of ours.
NOT_OURS = ("sandbox", "stripe")
#: An answer takes so long that its process is told to stop before it.
SLOW = 12

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def house(opened) -> House:
    return opened(SANDBOX_RENDER_SECONDS="2", SHUTDOWN_GRACE=GRACE)


def test_every_process_may_be_told_to_stop_at_any_moment(house):
    with house.database.kept_well(), crew(house.environment("worker"), house.var / "log") as parts:
        doors = [house.customer.api, API(parts["web"].url, house.customer.key)]
        streams = [parts["events"].url, house.site.url]
        with listening(streams, house.customer.key) as ear, customers(house, doors) as orders:
            for name in sorted(house.site.pids().keys() - set(NOT_OURS)):
                stop_one_of_the_site(house, name, orders)
            for part in parts.values():
                stop_one_of_the_crew(house, part, orders)
            orders.stop()
            found = ends(house, orders.placed, within=60)
            wait_until(lambda: {order.id for order in orders.placed} <= ear.ended.keys())

    for end in found.values():
        judge(end)
    judge_together(house, found)
    assert Counter(end.end["status"] for end in found.values()) == {"succeeded": len(found)}
    assert set(ear.ended.values()) == {1}, "each end is told, and told once"
    assert tracebacks(house) == []


def stop_one_of_the_site(house: House, name: str, orders: Customers) -> None:
    """It is started again by its supervisor, which says how it ended."""
    with waiting(house, house.customer.api if name == "web" else None, orders) as answers:
        house.site.end(name)
        said = [line for line in house.site.said if line.startswith(f"{name} ended")]
        assert len(said) == 1, said
        assert "(exit status 0)" in said[0] or "(SIGTERM)" in said[0]
        assert set(answers()) <= {200}, name


def stop_one_of_the_crew(house: House, part: Part, orders: Customers) -> None:
    """It stays away, and the others do its work."""
    serves = part.name in ("web", "events")
    with waiting(house, API(part.url, house.customer.key) if serves else None, orders) as answers:
        assert part.end() in (0, -signal.SIGTERM), part.name
        assert set(answers()) <= {200}, part.name


@contextmanager
def waiting(house: House, api: API | None, orders: Customers) -> Iterator[Callable[[], list[int]]]:
    """Somebody waits here for the end of an order that takes long; yields how they are answered."""
    if api is None:
        yield list
        return
    order = house.place(f"A slow boat {next(NUMBERS)} [[stock, slow={SLOW}]]", provider="runware")
    orders.placed.append(order)
    with ThreadPoolExecutor(1) as thread:
        headers = {"Prefer": "wait=60"}
        answer = thread.submit(api.get, f"/generations/{order.id}", headers=headers)
        time.sleep(1.5)  # it is in hand by then
        assert not answer.done(), answer.result().text
        yield lambda: [answer.result(timeout=30).status_code]


class Customers:
    """They go on ordering, at one door or the other, until they are stopped."""

    def __init__(self, house: House, doors: Collection[API]) -> None:
        self.placed: list[Order] = []
        self._over = threading.Event()
        self._house, self._doors = house, itertools.cycle(doors)

    def order(self) -> None:
        for provider in itertools.cycle(PROVIDERS):
            if self._over.wait(0.7):
                return
            prompt = f"Boat {next(NUMBERS)} [[stock]]"
            self.placed.append(self._house.place(prompt, provider=provider, doors=self._doors))

    def stop(self) -> None:
        self._over.set()


@contextmanager
def customers(house: House, doors: Collection[API]) -> Iterator[Customers]:
    some = Customers(house, doors)
    with ThreadPoolExecutor(1) as thread:
        ordering = thread.submit(some.order)
        try:
            yield some
        finally:
            some.stop()
        ordering.result()


class Ear:
    """
    A program that hears of everything, and when a stream is over comes back to the next.

    A stream that is cut off, rather than brought to its end, breaks it.
    """

    def __init__(self, urls: Collection[str], key: str) -> None:
        self.ended: Counter[str] = Counter()
        self.over = threading.Event()
        self._urls, self._last = itertools.cycle(urls), ""
        self._headers = {"Authorization": f"Bearer {key}"}

    def listen(self) -> None:
        while not self.over.is_set():
            with suppress(httpx.ConnectError, httpx.ReadTimeout), self._client() as client:
                self._hear(client)
            time.sleep(0.1)

    def _client(self) -> httpx.Client:
        timeout = httpx.Timeout(30, read=3)
        return httpx.Client(base_url=next(self._urls), headers=self._headers, timeout=timeout)

    def _hear(self, client: httpx.Client) -> None:
        came_back = {"Last-Event-ID": self._last} if self._last else {}
        with client.stream("GET", "/api/v1/events", headers=came_back) as answer:
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "data":
                    self._note(json.loads(value))

    def _note(self, event: dict[str, Any]) -> None:
        self._last = event["id"]
        if event["type"] == "generation.succeeded":
            self.ended[event["data"]["generation"]["id"]] += 1


@contextmanager
def listening(urls: Collection[str], key: str) -> Iterator[Ear]:
    ear = Ear(urls, key)
    with ThreadPoolExecutor(1) as thread:
        listens = thread.submit(ear.listen)
        try:
            yield ear
        finally:
            ear.over.set()
    listens.result()


def tracebacks(house: House) -> list[str]:
    """The logs that hold one."""
    logs = sorted((house.var / "log").glob("*.log"))
    return [log.name for log in logs if "Traceback" in log.read_text()]
