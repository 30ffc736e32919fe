"""/v1/balance_transactions"""

from __future__ import annotations

from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed
from billing.sandbox.shapes import balance


def retrieve(call: Call) -> Thing:
    found = call.bank.shelf.need("balance_transaction", call.id)
    return balance.seen_at(found, call.bank.now())


def index(call: Call) -> Thing:
    filters = ("currency", "source", "type")
    page = listed(call, "balance_transaction", "/v1/balance_transactions", filters)
    seen = [balance.seen_at(one, call.bank.now()) for one in page["data"]]
    return {**page, "data": seen}


ROUTES = (
    Route("GET", "/v1/balance_transactions", index),
    Route("GET", "/v1/balance_transactions/{id}", retrieve),
)
