"""Lists of the API: `limit`, `starting_after`, `ending_before`, `created[gte]`, `has_more`."""

from __future__ import annotations

from collections.abc import Iterable

from billing.sandbox.calls import Call
from billing.sandbox.fields import Fields
from billing.sandbox.kinds import Thing
from billing.sandbox.shelf import Question

_COMPARISONS = ("gt", "gte", "lt", "lte")


def listed(call: Call, kind: str, url: str, filters: Iterable[str] = (), **fixed: str) -> Thing:
    """
    One page of this kind, newest first. `filters` are parameters that name a property;
    `fixed` properties have one value whatever was asked.
    """
    given = {name: call.fields.text(name) for name in filters}
    having = {name: value for name, value in given.items() if value}
    types = tuple(call.fields.strings("types")) if kind == "event" else ()
    question = Question(
        limit=call.fields.integer("limit", 1, 100) or 10,
        after=call.fields.text("starting_after"),
        before=call.fields.text("ending_before"),
        created=_created(call.fields),
        having={**having, **fixed},
        types=types,
    )
    found, more = call.bank.shelf.page(kind, question)
    return as_list(found, url, more)


def as_list(found: list[Thing], url: str, more: bool = False) -> Thing:
    return {"object": "list", "data": found, "has_more": more, "url": url}


def _created(fields: Fields) -> dict[str, int]:
    """Exactly then, or a range."""
    if isinstance(fields.everything().get("created"), str):
        at = fields.integer("created")
        return {"eq": at} if at is not None else {}
    ranged = fields.under("created")
    found = {name: ranged.integer(name) for name in _COMPARISONS}
    return {name: at for name, at in found.items() if at is not None}
