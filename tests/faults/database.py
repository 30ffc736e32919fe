"""
What the database of a running site says of its orders, and what time and staff do to them.

A day cannot be waited for over real HTTP. The same rows with older clocks are what the workers
would find after it, so here time passes by making them older: nothing but times is touched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import psycopg

from accounts import ids

#: What is sold: a clip of 768P and 6 s, from a text or from an image.
SKUS = ("hailuo-2.3/text-to-video/768P/6", "hailuo-2.3/image-to-video/768P/6")

#: Columns that move when time passes.
CLOCKS = {
    "generation": ("created_at", "state_since", "started_at", "due_at"),
    "attempt": ("submitted_at", "sent_at", "accepted_at", "rendered_at", "retry_at"),
    "providerstatus": (
        "paused_until",
        "broken_until",
        "busy_until",
        "trial_until",
        "balance_due_at",
    ),
}

#: As if each had just taken an order, and with room for any number of them.
WELL = """
INSERT INTO generations_providerstatus
       (name, enabled, draining, most_in_flight, most_per_minute, pause_seconds, break_seconds,
        busy_seconds, look_errors, last_error)
SELECT unnest(%s::text[]), true, false, 100000, 100000, 0, 0, 0, 0, ''
    ON CONFLICT (name) DO UPDATE SET most_in_flight = 100000, most_per_minute = 100000,
       paused_until = NULL, pause_seconds = 0, broken_until = NULL, break_seconds = 0,
       busy_until = NULL, busy_seconds = 0, trial_until = NULL, look_errors = 0, mended_at = now(),
       last_error = ''
"""

HEALTH = """
SELECT json_build_object('paused', extract(epoch FROM paused_until - now()),
                         'pause', pause_seconds, 'break', break_seconds,
                         'busy', busy_seconds, 'balance', balance, 'error', last_error)
  FROM generations_providerstatus WHERE name = %s
"""


class Database:
    """
    :param url: where it is at this moment.
    :param providers: whose health `make_well` restores.
    """

    def __init__(self, url: Callable[[], str], providers: Iterable[str]) -> None:
        self._url, self._providers = url, list(providers)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self._connected() as database:
            return list(database.execute(query, parameters))

    def states(self, orders: Iterable[str]) -> dict[str, str]:
        """The inner states, of hundreds in one question."""
        wanted = {ids.private("gen", order): order for order in orders}
        query = "SELECT id, state FROM generations_generation WHERE id = ANY(%s)"
        return {wanted[id]: state for id, state in self.rows(query, list(wanted))}

    def unfinished(self) -> set[str]:
        query = "SELECT id FROM generations_generation WHERE finished_at IS NULL"
        return {ids.public("gen", id) for (id,) in self.rows(query)}

    def idle(self) -> set[str]:
        """Those whose submission is unclear, and that nobody has anything to do about now."""
        query = """SELECT id FROM generations_generation WHERE state = 'unknown'
                    AND due_at > now() AND lease_until IS NULL
                    AND state_since < now() - interval '6 seconds'"""
        return {ids.public("gen", id) for (id,) in self.rows(query)}

    def busy_with(self, orders: Iterable[str]) -> int:
        """How many of them have something due, or are in hand."""
        query = """SELECT count(*) FROM generations_generation WHERE id = ANY(%s)
                    AND finished_at IS NULL AND (due_at <= now() OR lease_until IS NOT NULL)"""
        return int(self.rows(query, [ids.private("gen", order) for order in orders])[0][0])

    def health(self, provider: str) -> dict[str, Any]:
        """What is written down about a provider; `paused` is in seconds from now."""
        return dict(self.rows(HEALTH, provider)[0][0])

    def pass_time(self, orders: Iterable[str], age: timedelta) -> None:
        """These orders become older by so much, and what they wait for comes nearer."""
        keys = [ids.private("gen", order) for order in orders]
        for table, own in {"generation": "id", "attempt": "generation_id"}.items():
            where = f"WHERE {own} = ANY(%(keys)s) AND finished_at IS NULL"
            self._run(f"{_older(table)} {where}", {"age": age, "keys": keys})

    def pass_time_for_providers(self, age: timedelta) -> None:
        """Their pauses and open breakers come nearer to an end."""
        self._run(_older("providerstatus"), {"age": age})

    def enter_prices(self, prices: Mapping[str, int]) -> None:
        """New rows of the price table, micro-dollars, in force from now on."""
        rows = [(name, sku, cost) for name, cost in prices.items() for sku in SKUS]
        with self._connected() as database:
            database.cursor().executemany(
                "INSERT INTO billing_rate (provider, sku, cost, markup, sold, note)"
                " VALUES (%s, %s, %s, 1, true, '')",
                rows,
            )

    def make_well(self) -> None:
        """Whatever was wrong with a provider is forgotten."""
        self._run(WELL, [self._providers])

    @contextmanager
    def kept_well(self) -> Iterator[None]:
        """
        What orders say about the health of their providers is forgotten at once, so that hundreds
        of troubles can be looked at side by side, each for itself. What health does is the subject
        of `test_failover.py` and `test_stories.py`.
        """
        done = threading.Event()
        nurse = threading.Thread(target=self._nurse, args=(done,), daemon=True)
        nurse.start()
        try:
            yield
        finally:
            done.set()
            nurse.join()

    def _nurse(self, done: threading.Event) -> None:
        while not done.is_set():
            with suppress(psycopg.OperationalError):  # it may be one of the victims
                self.make_well()
            done.wait(0.2)

    def _run(self, query: str, parameters: Any) -> None:
        with self._connected() as database:
            database.execute(query, parameters)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self._url(), autocommit=True) as database:
            yield database


def _older(table: str) -> str:
    sets = ", ".join(f"{column} = {column} - %(age)s" for column in CLOCKS[table])
    return f"UPDATE generations_{table} SET {sets}"
