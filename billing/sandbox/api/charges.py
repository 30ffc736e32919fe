"""/v1/charges"""

from __future__ import annotations

from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed


def retrieve(call: Call) -> Thing:
    return call.bank.shelf.need("charge", call.id)


def index(call: Call) -> Thing:
    return listed(call, "charge", "/v1/charges", ("customer", "payment_intent"))


ROUTES = (
    Route("GET", "/v1/charges", index),
    Route("GET", "/v1/charges/{id}", retrieve),
)
