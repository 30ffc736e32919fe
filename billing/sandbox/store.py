"""
What the sandbox remembers: one sqlite file, so that killing it loses nothing it has answered.

Written from one thread, the server's; a statement takes some microseconds, so it never waits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, kind TEXT, created INTEGER,
    body TEXT, hidden TEXT
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_customer
    ON objects (kind, json_extract(body, '$.customer'));
CREATE INDEX IF NOT EXISTS objects_by_intent
    ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_by_status ON objects (kind, json_extract(body, '$.status'));
CREATE TABLE IF NOT EXISTS addresses (token TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, question TEXT, status INTEGER, body TEXT, request TEXT, at INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY, id TEXT, at REAL, method TEXT, path TEXT, fields TEXT, key TEXT,
    status INTEGER, replayed INTEGER, fault TEXT
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event TEXT, type TEXT, endpoint TEXT, url TEXT, due_at REAL,
    tries INTEGER, status INTEGER, state TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, effect TEXT, moment TEXT, times INTEGER, method TEXT, path TEXT,
    seconds REAL, sticky INTEGER
);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""


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
        """Execute one INSERT; the new row's number."""
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

    def note(self, name: str, otherwise: str = "") -> str:
        """A remembered setting of the sandbox itself."""
        found = self.row("SELECT value FROM notes WHERE name = ?", name)
        return str(found["value"]) if found else otherwise

    def set_note(self, name: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO notes VALUES (?, ?)", name, value)

    def reset(self) -> None:
        """Forget everything."""
        with self.transaction():
            tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
            for row in self.rows(f"{tables} AND name NOT LIKE 'sqlite%'"):
                self.run(f'DELETE FROM "{row["name"]}"')

    def close(self) -> None:
        self._connection.close()
