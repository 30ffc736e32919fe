"""Rows in bulk: copies of one that is there, made by the database itself in a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def in_bulk() -> Iterator[Any]:
    """A cursor that takes its time and sets off no triggers; afterwards the planner knows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET statement_timeout")


def copy(
    cursor: Any, table: str, statement: str, own: dict[str, str], span: dict[str, Any]
) -> None:
    """
    All columns of a row again, but for its `own`; an empty one is left to its default.

    :param statement: an INSERT with a place for the `{columns}` and one for their `{values}`.
    """
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    names = [name for (name,) in cursor.fetchall() if own.get(name, name)]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(own.get(name, f'{table}."{name}"') for name in names)
    cursor.execute(statement.format(columns=columns, values=values), span)
