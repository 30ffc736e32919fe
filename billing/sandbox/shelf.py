"""Where Stripe's objects stand: whole, by their id, newest first in lists."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from billing.sandbox.kinds import Thing
from billing.sandbox.refusals import missing
from billing.sandbox.store import Store

#: `no such …`, in Stripe's words
SPOKEN = {
    "billing_portal.session": "billing portal session",
    "checkout.session": "checkout.session",
    "payment_method": "PaymentMethod",
}


@dataclass(frozen=True)
class Question:
    """Which objects of a kind, and how many."""

    limit: int = 10
    after: str | None = None
    before: str | None = None
    #: `gt`, `gte`, `lt`, `lte` or `eq` with seconds since 1970
    created: Mapping[str, int] = field(default_factory=dict)
    #: name of a top-level property → the value it has
    having: Mapping[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()


class Shelf:
    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, thing: Thing, **hidden: Any) -> Thing:
        """A new object; `hidden` is what the API never shows of it."""
        self._store.insert(
            "INSERT INTO objects (id, kind, created, body, hidden) VALUES (?, ?, ?, ?, ?)",
            thing["id"], thing["object"], thing.get("created", 0),
            json.dumps(thing), json.dumps(hidden),
        )  # fmt: skip
        return thing

    def save(self, thing: Thing) -> Thing:
        """The object as it is now."""
        body = json.dumps(thing)
        self._store.run("UPDATE objects SET body = ? WHERE id = ?", body, thing["id"])
        return thing

    def hide(self, id: str, **hidden: Any) -> None:
        """Add to what the API never shows."""
        whole = json.dumps({**self.hidden(id), **hidden})
        self._store.run("UPDATE objects SET hidden = ? WHERE id = ?", whole, id)

    def remove(self, id: str) -> None:
        self._store.run("DELETE FROM objects WHERE id = ?", id)

    def find(self, id: str) -> Thing | None:
        row = self._store.row("SELECT body FROM objects WHERE id = ?", id)
        return _thing(row) if row else None

    def get(self, id: str) -> Thing:
        """An object that is known to be there."""
        found = self.find(id)
        if found is None:
            raise LookupError(id)
        return found

    def need(self, kind: str, id: str, param: str = "id") -> Thing:
        """The object a request names. Raises Refusal when it is not there."""
        found = self.find(id)
        if found is None or found["object"] != kind:
            raise missing(SPOKEN.get(kind, kind.replace("_", " ")), id, param)
        return found

    def hidden(self, id: str) -> Thing:
        row = self._store.row("SELECT hidden FROM objects WHERE id = ?", id)
        found: Thing = json.loads(row["hidden"]) if row else {}
        return found

    def all(self, kind: str, **having: str) -> list[Thing]:
        """Every object of this kind with these properties, oldest first."""
        wheres, values = _having(having)
        where = " AND ".join(["kind = ?", *wheres])
        query = f"SELECT body FROM objects WHERE {where} ORDER BY seq"
        return [_thing(row) for row in self._store.rows(query, kind, *values)]

    def due(self, kind: str, status: str, name: str, now: int) -> list[Thing]:
        """Those in this status whose property says a time that has come."""
        query = (
            "SELECT body FROM objects WHERE kind = ? AND json_extract(body, '$.status') = ?"
            " AND json_extract(body, ?) <= ? ORDER BY seq"
        )
        return [_thing(row) for row in self._store.rows(query, kind, status, f"$.{name}", now)]

    def page(self, kind: str, question: Question) -> tuple[list[Thing], bool]:
        """Newest first, and whether there are more. Raises Refusal for an unknown cursor."""
        wheres, values = _having(question.having)
        for comparison, seconds in question.created.items():
            wheres.append(f"created {_SIGNS[comparison]} ?")
            values.append(seconds)
        if question.types:
            marks = ", ".join("?" for _ in question.types)
            wheres.append(f"json_extract(body, '$.type') IN ({marks})")
            values.extend(question.types)
        order = "DESC"
        if question.after:
            wheres.append("seq < ?")
            values.append(self._place(kind, question.after, "starting_after"))
        elif question.before:
            wheres.append("seq > ?")
            values.append(self._place(kind, question.before, "ending_before"))
            order = "ASC"
        where = " AND ".join(["kind = ?", *wheres])
        query = f"SELECT body FROM objects WHERE {where} ORDER BY seq {order} LIMIT ?"
        rows = self._store.rows(query, kind, *values, question.limit + 1)
        found = [_thing(row) for row in rows[: question.limit]]
        return (found if order == "DESC" else found[::-1]), len(rows) > question.limit

    def publish(self, token: str, id: str) -> None:
        """Remember that this unguessable address shows that object."""
        self._store.run("INSERT INTO addresses VALUES (?, ?)", token, id)

    def behind(self, token: str) -> Thing | None:
        """The object an unguessable address shows."""
        row = self._store.row("SELECT id FROM addresses WHERE token = ?", token)
        return self.find(row["id"]) if row else None

    def _place(self, kind: str, id: str, param: str) -> int:
        row = self._store.row("SELECT seq FROM objects WHERE id = ? AND kind = ?", id, kind)
        if row is None:
            raise missing(SPOKEN.get(kind, kind.replace("_", " ")), id, param)
        return int(row["seq"])


_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}


def _having(having: Mapping[str, str]) -> tuple[list[str], list[object]]:
    """Written out, not as parameters, where an index has the expression."""
    if not all(name.isidentifier() for name in having):
        raise ValueError(f"no names of properties: {list(having)}")
    return [f"json_extract(body, '$.{name}') = ?" for name in having], list(having.values())


def _thing(row: sqlite3.Row) -> Thing:
    thing: Thing = json.loads(row["body"])
    return thing
