"""A database for one process: copied from one that is made once for each set of migrations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from tests.sim.clock import SQL as CLOCK

#: Every change of a state and every claim, as it was written; `laws.py` reads it.
MOVES = """
CREATE TABLE sim.moves (
    number bigint GENERATED ALWAYS AS IDENTITY, generation uuid, source text, state text,
    old_token bigint, token bigint, leased boolean);
CREATE FUNCTION sim.note_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sim.moves (generation, source, state, old_token, token, leased)
    VALUES (NEW.id, OLD.state, NEW.state, OLD.lease_token, NEW.lease_token,
            NEW.lease_until IS NOT NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER note_move AFTER UPDATE ON generations_generation FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.lease_token <> NEW.lease_token)
    EXECUTE FUNCTION sim.note_move();
"""
#: Emptied between seeds. What lies in the others is the same for all of them.
CHANGING = [
    "accounts_idempotencyrecord",
    "billing_quote",
    "billing_transfer",
    "generations_attempt",
    "generations_clip",
    "generations_event",
    "generations_generation",
    "generations_knock",
    "generations_notice",
    "generations_providerstatus",
    "sim.moves",
]
FORGET_RATES = "DELETE FROM billing_rate WHERE note = 'sim'"
EMPTY_WALLETS = "UPDATE billing_wallet SET available = 0, held = 0, debt = 0, moves = 0"


@contextmanager
def made() -> Iterator[psycopg.Connection]:
    """This process's database, and a connection that only watches and turns the clock."""
    name = settings.DATABASES["default"]["NAME"]
    with _connection(settings.SERVER["NAME"]) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {_template(server)}")
        try:
            with _connection(name) as watcher:
                yield watcher
        finally:
            connections.close_all()
            connection.close_pool()
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def empty(watcher: psycopg.Connection) -> None:
    with watcher.transaction():
        watcher.execute(f"TRUNCATE {', '.join(CHANGING)} RESTART IDENTITY CASCADE")
        watcher.execute(FORGET_RATES)
        watcher.execute(EMPTY_WALLETS)


def _template(server: psycopg.Connection) -> str:
    """Its name; made now if these migrations have none yet."""
    name = f"reelay_sim_{_digest()}"
    server.execute("SELECT pg_advisory_lock(hashtext('reelay.sim'))")
    try:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            _make(server, name)
    finally:
        server.execute("SELECT pg_advisory_unlock(hashtext('reelay.sim'))")
    return name


def _make(server: psycopg.Connection, name: str) -> None:
    """Under another name until it is whole."""
    server.execute("DROP DATABASE IF EXISTS reelay_sim_making")
    server.execute("CREATE DATABASE reelay_sim_making")
    with _connection("reelay_sim_making") as making:
        making.execute(CLOCK)
    usual = connections.settings["default"]["NAME"]
    connections.settings["default"]["NAME"] = "reelay_sim_making"
    call_command("migrate", verbosity=0)
    connections.close_all()
    connection.close_pool()
    connections.settings["default"]["NAME"] = usual
    with _connection("reelay_sim_making") as making:
        making.execute(MOVES)
        for table in CHANGING:  # nothing may move the rows while nobody looks
            making.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    server.execute(
        sql.SQL("ALTER DATABASE reelay_sim_making RENAME TO {}").format(sql.Identifier(name))
    )


def _digest() -> str:
    found = hashlib.sha256((CLOCK + MOVES + " ".join(CHANGING)).encode())
    for app in ("accounts", "billing", "generations"):
        for file in sorted(Path(settings.BASE_DIR, app, "migrations").glob("*.py")):
            found.update(file.read_bytes())
    return found.hexdigest()[:12]


def _connection(name: str) -> psycopg.Connection:
    server = settings.SERVER
    return psycopg.connect(
        dbname=name,
        user=server["USER"] or None,
        password=server["PASSWORD"] or None,
        host=server["HOST"] or None,
        port=server["PORT"] or None,
        options="-c search_path=sim,pg_catalog -c synchronous_commit=off -c jit=off",
        autocommit=True,
    )
