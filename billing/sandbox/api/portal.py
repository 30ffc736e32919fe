"""/v1/billing_portal/sessions"""

from __future__ import annotations

from billing.sandbox.calls import Call, Route
from billing.sandbox.kinds import Thing, new_id
from billing.sandbox.shapes import portal


def create(call: Call) -> Thing:
    fields, bank = call.fields, call.bank
    fields.accept("configuration", "flow_data", "locale")
    customer = bank.shelf.need("customer", fields.needed("customer"), "customer")
    token = new_id("test_", 40)
    address = f"{bank.base}/p/session/{token}"
    back = fields.address("return_url")
    made = bank.shelf.put(portal.new(bank.now(), customer["id"], back, address))
    bank.shelf.publish(token, made["id"])
    return made


ROUTES = (Route("POST", "/v1/billing_portal/sessions", create),)
