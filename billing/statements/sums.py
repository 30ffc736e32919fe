"""A book added up by the database, split as wanted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from billing.statements import references
from billing.statements.lines import WALLET
from billing.statements.periods import Book

#: What a sum can be split by without asking anybody; the other splits are facts of references.
OWN = {
    "day": "to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    "kind": "t.kind",
}

#: Which transfers are added up.
EVERYTHING = "true"
MONEY_IN_AND_OUT = "(t.debit = ANY(%(own)s)) <> (t.credit = ANY(%(own)s))"


@dataclass(frozen=True, slots=True)
class Sum:
    """
    Some transfers added up, in micro-dollars.

    `key` has a text for each split asked for, empty where the fact is not known. `came` and
    `went` count only what entered and left the wallet; holds and releases do neither.
    """

    key: tuple[str, ...]
    count: int
    moved: int
    came: int
    went: int
    departures: int


def sums(book: Book, *, by: Sequence[str], over: str = EVERYTHING) -> list[Sum]:
    """
    One sum for each combination of the splits that occurs, in their order.

    :raises ValueError: for a split that nobody knows.
    """
    known = splits()
    if unknown := [split for split in by if split not in known]:
        raise ValueError(f"Nothing can be split by {', '.join(unknown)}.")
    with connection.cursor() as cursor:
        cursor.execute(_query([known[split] for split in by], over), _parameters(book))
        rows = cursor.fetchall()
    return [Sum(tuple(key), *map(int, figures)) for *key, figures in _halved(rows, len(by))]


def splits() -> dict[str, str]:
    """The name of each split and the SQL that yields it, always a text."""
    return {**facts(), **OWN}


def facts() -> dict[str, str]:
    """The splits that are not of the transfer itself, but of what its reference is about."""
    columns: dict[str, list[str]] = {}
    for kind, found in references.facts().items():
        for name, column in found.columns.items():
            columns.setdefault(name, []).append(f"{_alias(kind)}.{column}::text")
    return {name: f"coalesce({', '.join(found)}, '')" for name, found in columns.items()}


def _query(splits: list[str], over: str) -> str:
    numbers = ", ".join(str(number) for number in range(1, len(splits) + 1))
    grouped = f"GROUP BY {numbers} ORDER BY {numbers}" if splits else "HAVING count(*) > 0"
    arrives, leaves = "t.credit = ANY(%(own)s)", "t.debit = ANY(%(own)s)"
    return f"""
        SELECT {"".join(f"{split}, " for split in splits)}
               count(*),
               sum(t.amount),
               coalesce(sum(t.amount) FILTER (WHERE {arrives} AND NOT {leaves}), 0),
               coalesce(sum(t.amount) FILTER (WHERE {leaves} AND NOT {arrives}), 0),
               count(*) FILTER (WHERE {leaves} AND NOT {arrives})
          FROM billing_transfer t {joins(splits)}
         WHERE t.wallet_id = %(wallet)s AND t.position BETWEEN %(first)s AND %(last)s AND {over}
         {grouped}"""


def joins(splits: Collection[str]) -> str:
    """Only the tables that a split needs; a join of hundreds of thousands of rows takes a while."""
    needed = [
        (kind, facts)
        for kind, facts in references.facts().items()
        if any(f"{_alias(kind)}." in split for split in splits)
    ]
    return " ".join(
        f"LEFT JOIN {facts.table} {_alias(kind)} ON {_alias(kind)}.{facts.key} = CASE "
        f"WHEN t.reference ~ '^{kind}:[0-9a-f]{{32}}$' "
        f"THEN substr(t.reference, {len(kind) + 2})::uuid END"
        for kind, facts in needed
    )


def _alias(kind: str) -> str:
    return f"fact_{kind.replace('-', '_')}"


def _parameters(book: Book) -> dict[str, Any]:
    return {
        "wallet": book.workspace.pk,
        "first": book.first,
        "last": book.last,
        "own": sorted(WALLET),
    }


def _halved(rows: list[tuple[Any, ...]], width: int) -> list[tuple[Any, ...]]:
    return [(*row[:width], row[width:]) for row in rows]
