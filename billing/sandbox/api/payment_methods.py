"""/v1/payment_methods"""

from __future__ import annotations

from billing.sandbox.acts import methods
from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed


def retrieve(call: Call) -> Thing:
    return call.bank.shelf.need("payment_method", call.id)


def index(call: Call) -> Thing:
    filters = ("type", "allow_redisplay")
    customer = call.bank.shelf.need("customer", call.fields.needed("customer"), "customer")
    url = "/v1/payment_methods"
    return listed(call, "payment_method", url, filters, customer=customer["id"])


def update(call: Call) -> Thing:
    method = retrieve(call)
    shown = call.fields.choice("allow_redisplay", ("always", "limited", "unspecified"))
    metadata = call.fields.metadata(method["metadata"])
    changed = {
        **method,
        "metadata": metadata,
        "allow_redisplay": shown or method["allow_redisplay"],
    }
    call.bank.shelf.save(changed)
    call.bank.events.record("payment_method.updated", changed, method)
    return changed


def attach(call: Call) -> Thing:
    method = methods.named(call.bank, call.id, "id")
    customer = call.bank.shelf.need("customer", call.fields.needed("customer"), "customer")
    return methods.attach(call.bank, method, customer)


def detach(call: Call) -> Thing:
    return methods.detach(call.bank, retrieve(call))


ROUTES = (
    Route("GET", "/v1/payment_methods", index),
    Route("GET", "/v1/payment_methods/{id}", retrieve),
    Route("POST", "/v1/payment_methods/{id}", update),
    Route("POST", "/v1/payment_methods/{id}/attach", attach),
    Route("POST", "/v1/payment_methods/{id}/detach", detach),
)
