"""/v1/checkout/sessions"""

from __future__ import annotations

from billing.sandbox.acts import checkout
from billing.sandbox.calls import Call, Route
from billing.sandbox.fields import Fields
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import as_list, listed
from billing.sandbox.money import LEAST_CENTS, MOST_CENTS, spoken
from billing.sandbox.refusals import invalid, unexpected
from billing.sandbox.shapes import session as sessions

_METHODS = ("card", "us_bank_account")


def create(call: Call) -> Thing:
    fields = call.fields
    fields.choice("mode", ("payment",), "payment")
    items = [_item(one) for one in fields.items("line_items")]
    if not items:
        raise fields.absent("line_items")
    currency = items[0]["currency"]
    if any(item["currency"] != currency for item in items):
        raise invalid("All prices must have the same currency.", "line_items")
    values = {**_values(call), "payment_method_types": _offered(fields)}
    _check_amount(sum(item["amount_total"] for item in items), currency)
    intent_values = _intent_values(fields.under("payment_intent_data"))
    return checkout.begin(
        call.bank, currency=currency, items=items, values=values, intent_values=intent_values
    )


def retrieve(call: Call) -> Thing:
    return call.bank.shelf.need("checkout.session", call.id)


def index(call: Call) -> Thing:
    filters = ("customer", "payment_intent", "status")
    return listed(call, "checkout.session", "/v1/checkout/sessions", filters)


def expire(call: Call) -> Thing:
    return checkout.expire(call.bank, retrieve(call))


def items(call: Call) -> Thing:
    session = retrieve(call)
    call.fields.accept("limit", "starting_after", "ending_before")
    found = call.bank.shelf.hidden(session["id"])["items"]
    return as_list(found, f"/v1/checkout/sessions/{session['id']}/line_items")


ROUTES = (
    Route("POST", "/v1/checkout/sessions", create),
    Route("GET", "/v1/checkout/sessions", index),
    Route("GET", "/v1/checkout/sessions/{id}", retrieve),
    Route("POST", "/v1/checkout/sessions/{id}/expire", expire),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", items),
)


def _values(call: Call) -> Thing:
    fields = call.fields
    fields.accept("locale", "submit_type", "consent_collection", "custom_text")
    fields.accept("payment_method_options", "payment_method_collection", "wallet_options")
    fields.accept("adaptive_pricing", "currency", "name_collection", "managed_payments")
    fields.choice("ui_mode", ("hosted_page",), "hosted_page")
    success = fields.address("success_url")
    if success is None:
        raise fields.absent("success_url")
    return {
        **_customer_values(call),
        "billing_address_collection": fields.choice(
            "billing_address_collection", ("auto", "required")
        ),
        "branding_settings": {
            "display_name": fields.under("branding_settings").text("display_name")
        },
        "cancel_url": fields.address("cancel_url"),
        "client_reference_id": fields.text("client_reference_id", longest=200),
        "expires_at": _expiry(fields, call.bank.now()),
        "invoice_creation": {"enabled": fields.under("invoice_creation").boolean("enabled")},
        "metadata": fields.metadata(),
        "saved_payment_method_options": _saved_options(fields),
        "success_url": success,
    }


def _customer_values(call: Call) -> Thing:
    """Who pays, and what Checkout may learn about them."""
    fields = call.fields
    customer, email = fields.text("customer"), fields.text("customer_email")
    tax_id = fields.under("tax_id_collection")
    tax = fields.under("automatic_tax")
    update = fields.under("customer_update")
    values: Thing = {
        "automatic_tax": _tax(tax.boolean("enabled")),
        "customer": customer,
        "customer_creation": fields.choice("customer_creation", ("always", "if_required")),
        "customer_email": email,
        "tax_id_collection": {
            "enabled": tax_id.boolean("enabled"),
            "required": tax_id.choice("required", ("if_supported", "never"), "never"),
        },
    }
    updates = {
        name: update.choice(name, ("auto", "never")) for name in ("name", "address", "shipping")
    }
    if customer:
        _check_customer(call, values, updates)
    elif any(updates.values()):
        raise invalid("`customer_update` can only be used with `customer`.", "customer_update")
    else:
        values["customer_creation"] = values["customer_creation"] or "if_required"
    return values


def _check_customer(call: Call, values: Thing, updates: Thing) -> None:
    """What Stripe refuses to do with a customer it knows, in its own words."""
    found = call.bank.shelf.need("customer", values["customer"], "customer")
    if values["customer_email"]:
        told = "You may only specify one of these parameters: customer, customer_email."
        raise invalid(told, "customer_email")
    if values["customer_creation"]:
        told = "`customer_creation` can't be used with `customer`."
        raise invalid(told, "customer_creation")
    if values["tax_id_collection"]["enabled"] and updates["name"] != "auto":
        told = "Tax ID collection requires updating business name on the customer. To enable tax ID"
        told += (
            " collection for an existing customer, please set `customer_update[name]` to `auto`."
        )
        raise invalid(told, "customer_update[name]")
    located = found["address"] or "auto" in (updates["address"], updates["shipping"])
    if values["automatic_tax"]["enabled"] and not located:
        told = "Automatic tax calculation in Checkout requires a valid address on the Customer. Add"
        told += (
            " a valid address to the Customer or set either `customer_update[address]` to 'auto'"
        )
        told += " or `customer_update[shipping]` to 'auto' to save the address entered in Checkout"
        raise invalid(f"{told} to the Customer.", "automatic_tax", "customer_tax_location_invalid")


def _tax(enabled: bool) -> Thing:
    liability = {"type": "self"} if enabled else None
    status = "requires_location_inputs" if enabled else None
    return {"enabled": enabled, "liability": liability, "provider": None, "status": status}


def _saved_options(fields: Fields) -> Thing | None:
    if not fields.given("saved_payment_method_options"):
        return None
    options = fields.under("saved_payment_method_options")
    switch = ("enabled", "disabled")
    return {
        "allow_redisplay_filters": options.strings("allow_redisplay_filters") or ["always"],
        "payment_method_remove": options.choice("payment_method_remove", switch, "disabled"),
        "payment_method_save": options.choice("payment_method_save", switch, "disabled"),
    }


def _intent_values(data: Fields) -> Thing:
    data.accept("statement_descriptor", "shipping")
    return {
        "description": data.text("description"),
        "metadata": data.metadata(),
        "receipt_email": data.text("receipt_email"),
        "setup_future_usage": data.choice("setup_future_usage", ("on_session", "off_session")),
        "statement_descriptor_suffix": data.text("statement_descriptor_suffix"),
    }


def _offered(fields: Fields) -> list[str]:
    only = fields.strings("allowed_payment_method_types") or list(_METHODS)
    never = fields.strings("excluded_payment_method_types")
    offered = [one for one in _METHODS if one in only and one not in never]
    if not offered:
        raise unexpected("No valid payment method types for this Checkout Session.")
    return offered


def _item(one: Fields) -> Thing:
    data = one.under("price_data")
    product = data.under("product_data")
    product.accept("description", "images", "metadata", "tax_code")
    data.accept("tax_behavior")
    one.accept("adjustable_quantity", "metadata")
    cents = data.integer("unit_amount", 0, MOST_CENTS)
    if cents is None:
        raise data.absent("unit_amount")
    currency = data.currency("currency")
    quantity = one.integer("quantity", 1, 999_999) or 1
    return sessions.line_item(currency, product.needed("name"), cents, quantity)


def _check_amount(total: int, currency: str) -> None:
    if total < LEAST_CENTS:
        least = spoken(LEAST_CENTS, currency)
        told = f"The Checkout Session's total amount due must add up to at least {least} {currency}"
        raise invalid(told, "line_items", "amount_too_small")
    if total > MOST_CENTS:
        raise invalid("The amount is too large.", "line_items", "amount_too_large")


def _expiry(fields: Fields, now: int) -> int:
    at = fields.integer("expires_at")
    if at is None:
        return now + sessions.LIVES_AT_MOST
    if not now + sessions.LIVES_AT_LEAST - 60 <= at <= now + sessions.LIVES_AT_MOST + 60:
        told = "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from"
        raise invalid(f"{told} Checkout Session creation.", "expires_at")
    return at
