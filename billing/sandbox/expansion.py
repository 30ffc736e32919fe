"""`expand[]`: ids become the objects they name, up to four deep; some lists appear only so."""

from __future__ import annotations

from collections.abc import Iterable

from billing.sandbox.kinds import Thing
from billing.sandbox.lists import as_list
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import invalid

DEEPEST = 4

#: properties that hold an id
EXPANDABLE = {
    "balance_transaction",
    "charge",
    "customer",
    "default_payment_method",
    "failure_balance_transaction",
    "latest_charge",
    "payment_intent",
    "payment_method",
    "source",
}

#: (kind, property) that is absent until somebody asks for it
INCLUDABLE = {("charge", "refunds"), ("checkout.session", "line_items")}


def expand(bank: Bank, thing: Thing, paths: Iterable[str]) -> Thing:
    """The object with these paths opened. Raises Refusal for a path that cannot be."""
    for path in paths:
        names = path.split(".")
        if len(names) > DEEPEST:
            raise _cannot(path)
        thing = _opened(bank, thing, names, path)
    return thing


def _opened(bank: Bank, thing: Thing, names: list[str], path: str) -> Thing:
    if not names:
        return thing
    first, rest = names[0], names[1:]
    value = thing.get(first)
    if (thing.get("object"), first) in INCLUDABLE and value is None:
        value = _included(bank, thing, first)
    if isinstance(value, str) and first in EXPANDABLE:
        value = bank.shelf.find(value) or value
    if isinstance(value, dict):
        value = _opened(bank, value, rest, path)
    elif isinstance(value, list) and first == "data":
        value = [_opened(bank, one, rest, path) for one in value]
    elif value is not None or first not in thing:
        raise _cannot(path)
    return {**thing, first: value}


def _included(bank: Bank, thing: Thing, name: str) -> Thing:
    if name == "line_items":
        items = bank.shelf.hidden(thing["id"])["items"]
        return as_list(items, f"/v1/checkout/sessions/{thing['id']}/line_items")
    found = bank.shelf.all("refund", charge=thing["id"])[::-1]
    return as_list(found, f"/v1/charges/{thing['id']}/refunds")


def _cannot(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", "expand")
