"""/v1/disputes"""

from __future__ import annotations

from billing.sandbox.acts import disputing
from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed
from billing.sandbox.shapes.dispute import EVIDENCE


def retrieve(call: Call) -> Thing:
    return call.bank.shelf.need("dispute", call.id)


def update(call: Call) -> Thing:
    dispute = retrieve(call)
    given = call.fields.under("evidence")
    told = {name: given.text(name, longest=20_000) for name in EVIDENCE}
    evidence = {name: text for name, text in told.items() if text}
    submitted = call.fields.boolean("submit", bool(evidence))
    changed = {**dispute, "metadata": call.fields.metadata(dispute["metadata"])}
    return disputing.answer(call.bank, changed, evidence, submitted=submitted)


def close(call: Call) -> Thing:
    """The shop gives in."""
    return disputing.lose(call.bank, retrieve(call))


def index(call: Call) -> Thing:
    return listed(call, "dispute", "/v1/disputes", ("charge", "payment_intent"))


ROUTES = (
    Route("GET", "/v1/disputes", index),
    Route("GET", "/v1/disputes/{id}", retrieve),
    Route("POST", "/v1/disputes/{id}", update),
    Route("POST", "/v1/disputes/{id}/close", close),
)
