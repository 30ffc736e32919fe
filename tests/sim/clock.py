"""
One time for everything: for Python's clocks in this process, and for the database's.

The database looks for functions in the schema `sim` first, and there `now()` and its sisters read
the one row of a table. Made before the tables, they are in the columns' defaults too.
"""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime, timedelta

import psycopg
from django.utils import timezone

START = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)

FUNCTIONS = "now statement_timestamp transaction_timestamp clock_timestamp".split()
SQL = f"""
CREATE SCHEMA sim;
CREATE TABLE sim.clock (at timestamptz NOT NULL);
INSERT INTO sim.clock VALUES ('{START.isoformat()}');
""" + "\n".join(
    f"CREATE FUNCTION sim.{name}() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE "
    "AS 'SELECT at FROM sim.clock';"
    for name in FUNCTIONS
)


class Clock:
    """Stands still unless it is set."""

    def __init__(self) -> None:
        self.now = START
        self._database: psycopg.Connection | None = None
        self._chance = random.Random(0)

    def install(self, database: psycopg.Connection) -> None:
        """From now on this process and its database have no other clock, and no other chance."""
        self._database = database
        timezone.now = lambda: self.now  # type: ignore[assignment]
        time.time = self.now_in_seconds
        time.time_ns = lambda: int(self.now_in_seconds() * 1_000_000) * 1000
        os.urandom = self._chance.randbytes

    def restart(self, seed: int) -> None:
        """To the beginning of one seed's time, with the ids that belong to it."""
        self._chance.seed(f"ids of {seed}")
        self._set(START)

    def now_in_seconds(self) -> float:
        return self.now.timestamp()

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning, as event loops count them."""
        return (self.now - START).total_seconds()

    def forward(self, seconds: float) -> None:
        self.reach(self.now + timedelta(seconds=seconds))

    def reach(self, moment: datetime) -> None:
        """That moment, unless it is past."""
        if moment > self.now:
            self._set(moment)

    def _set(self, moment: datetime) -> None:
        self.now = moment
        assert self._database is not None
        self._database.execute("UPDATE sim.clock SET at = %s", [moment], prepare=True)


clock = Clock()
