"""/v1/refunds"""

from __future__ import annotations

from billing.sandbox.acts import refunding
from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed
from billing.sandbox.refusals import invalid, unexpected
from billing.sandbox.shapes.refund import REASONS


def create(call: Call) -> Thing:
    fields = call.fields
    charge = _charge(call)
    return refunding.refund(
        call.bank,
        charge,
        cents=fields.integer("amount", 1),
        reason=fields.choice("reason", REASONS),
        metadata=fields.metadata(),
    )


def retrieve(call: Call) -> Thing:
    return call.bank.shelf.need("refund", call.id)


def update(call: Call) -> Thing:
    refund = retrieve(call)
    changed = {**refund, "metadata": call.fields.metadata(refund["metadata"])}
    call.bank.shelf.save(changed)
    call.bank.events.record("refund.updated", changed, refund)
    return changed


def index(call: Call) -> Thing:
    return listed(call, "refund", "/v1/refunds", ("charge", "payment_intent"))


ROUTES = (
    Route("POST", "/v1/refunds", create),
    Route("GET", "/v1/refunds", index),
    Route("GET", "/v1/refunds/{id}", retrieve),
    Route("POST", "/v1/refunds/{id}", update),
)


def _charge(call: Call) -> Thing:
    """By itself, or the one that paid an intent."""
    shelf, wanted = call.bank.shelf, call.fields.text("charge")
    by_intent = call.fields.text("payment_intent")
    if wanted:
        return shelf.need("charge", wanted, "charge")
    if by_intent is None:
        told = "One of the following params should be provided for this request: payment_intent or"
        raise invalid(f"{told} charge.", "charge", "parameter_missing")
    intent = shelf.need("payment_intent", by_intent, "payment_intent")
    if intent["status"] != "succeeded":
        told = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise unexpected(told, param="payment_intent")
    return shelf.get(intent["latest_charge"])
