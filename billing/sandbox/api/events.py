"""/v1/events"""

from __future__ import annotations

from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed


def retrieve(call: Call) -> Thing:
    return _now(call, call.bank.shelf.need("event", call.id))


def index(call: Call) -> Thing:
    """`delivery_success` asks for those that everybody took, or for the others."""
    page = listed(call, "event", "/v1/events", ("type",))
    found = [_now(call, one) for one in page["data"]]
    if call.fields.given("delivery_success"):
        taken = call.fields.boolean("delivery_success")
        found = [one for one in found if (one["pending_webhooks"] == 0) == taken]
    return {**page, "data": found}


ROUTES = (
    Route("GET", "/v1/events", index),
    Route("GET", "/v1/events/{id}", retrieve),
)


def _now(call: Call, event: Thing) -> Thing:
    return {**event, "pending_webhooks": call.bank.deliveries.pending(event["id"])}
