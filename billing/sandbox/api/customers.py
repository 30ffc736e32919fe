"""/v1/customers"""

from __future__ import annotations

from billing.sandbox.acts import customers, methods
from billing.sandbox.calls import Call, Route
from billing.sandbox.fields import Fields
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed
from billing.sandbox.refusals import invalid

_TEXTS = ("description", "email", "name", "phone")


def create(call: Call) -> Thing:
    values = {**_texts(call.fields), "metadata": call.fields.metadata()}
    wanted = call.fields.text("payment_method")
    default = _default_asked(call.fields)
    made = customers.create(call.bank, values)
    if wanted:
        method = methods.named(call.bank, wanted, "payment_method")
        methods.attach(call.bank, method, made)
    return methods.make_default(call.bank, made, default) if default else made


def retrieve(call: Call) -> Thing:
    return call.bank.shelf.need("customer", call.id)


def update(call: Call) -> Thing:
    customer = retrieve(call)
    metadata = call.fields.metadata(customer["metadata"])
    changed = {**_texts(call.fields), "metadata": metadata}
    default = _default_asked(call.fields)
    customer = customers.update(call.bank, customer, changed)
    if default is None:
        return customer
    return methods.make_default(call.bank, customer, default or None)


def delete(call: Call) -> Thing:
    return customers.delete(call.bank, retrieve(call))


def index(call: Call) -> Thing:
    return listed(call, "customer", "/v1/customers", ("email",))


def cards(call: Call) -> Thing:
    customer = retrieve(call)
    url = f"/v1/customers/{customer['id']}/payment_methods"
    return listed(call, "payment_method", url, ("type",), customer=customer["id"])


ROUTES = (
    Route("POST", "/v1/customers", create),
    Route("GET", "/v1/customers", index),
    Route("GET", "/v1/customers/{id}", retrieve),
    Route("POST", "/v1/customers/{id}", update),
    Route("DELETE", "/v1/customers/{id}", delete),
    Route("GET", "/v1/customers/{id}/payment_methods", cards),
)


def _texts(fields: Fields) -> Thing:
    """What is given; empty takes away."""
    fields.accept("shipping", "preferred_locales", "tax_id_data", "tax")
    values: Thing = {name: fields.text(name) for name in _TEXTS if fields.given(name)}
    if fields.given("address"):
        values["address"] = dict(fields.under("address").everything()) or None
        fields.accept("address")
    if fields.given("tax_exempt"):
        values["tax_exempt"] = fields.choice("tax_exempt", ("none", "exempt", "reverse"), "none")
    if values.get("email") and "@" not in values["email"]:
        raise invalid(f"Invalid email address: {values['email']}", "email", "email_invalid")
    return values


def _default_asked(fields: Fields) -> str | None:
    """The new default; an empty text for none, None when nothing was said."""
    settings = fields.under("invoice_settings")
    if not settings.given("default_payment_method"):
        return None
    return settings.text("default_payment_method", "")
