"""
What the sandbox remembers: one sqlite file, so that killing it loses nothing it has accepted.

Written from one thread, the server's; a statement takes some microseconds, so it never waits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    provider TEXT, uuid TEXT, state TEXT, posts INTEGER, polls INTEGER, prompt TEXT,
    request TEXT, knobs TEXT, clip TEXT, count INTEGER, price INTEGER, billed INTEGER,
    webhook_url TEXT, upload_url TEXT, ttl INTEGER,
    accepted_at REAL, due_at REAL, finished_at REAL, error TEXT,
    PRIMARY KEY (provider, uuid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state);
CREATE TABLE IF NOT EXISTS results (
    uuid TEXT PRIMARY KEY, provider TEXT, job TEXT, place INTEGER, seed INTEGER,
    path TEXT, error TEXT, downloads INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS results_by_job ON results (provider, job);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, provider TEXT, job TEXT, method TEXT, url TEXT, body TEXT, path TEXT,
    due_at REAL, tries INTEGER, state TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state);
CREATE TABLE IF NOT EXISTS rules (
    id INTEGER PRIMARY KEY, provider TEXT, knob TEXT, value TEXT, times INTEGER
);
CREATE TABLE IF NOT EXISTS strikes (
    provider TEXT, prompt TEXT, knob TEXT, count INTEGER, PRIMARY KEY (provider, prompt, knob)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS prompts (prompt TEXT PRIMARY KEY, orders INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, count INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS balances (
    provider TEXT PRIMARY KEY, micro INTEGER, reserved INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bad_keys (
    provider TEXT, key TEXT, PRIMARY KEY (provider, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, account TEXT, gateway TEXT, job TEXT, row TEXT,
    request TEXT, response TEXT, payload INTEGER, lag REAL, seen_from REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS calls_by_job ON calls (job);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""

_KEPT = {"secrets"}


class Store:
    """The file, opened once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # Write-ahead logging without a sync per commit survives the process being killed.
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self._connection.executescript(_SCHEMA)

    def run(self, statement: str, *values: object) -> int:
        """Execute one statement; how many rows it touched."""
        return self._connection.execute(statement, values).rowcount

    def insert(self, statement: str, *values: object) -> int:
        """Execute one INSERT; the new row's id."""
        return self._connection.execute(statement, values).lastrowid or 0

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one may lie inside another."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def reset(self) -> None:
        """Forget everything but the signing secret, which issued addresses depend on."""
        with self.transaction():
            for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if row["name"] not in _KEPT:
                    self.run(f'DELETE FROM "{row["name"]}"')

    def close(self) -> None:
        self._connection.close()
