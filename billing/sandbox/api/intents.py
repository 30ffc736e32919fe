"""/v1/payment_intents"""

from __future__ import annotations

from billing.sandbox.acts import methods, paying
from billing.sandbox.calls import Call, Route
from billing.sandbox.fields import Fields
from billing.sandbox.kinds import Thing
from billing.sandbox.lists import listed
from billing.sandbox.money import LEAST_CENTS, MOST_CENTS, spoken
from billing.sandbox.refusals import declined, invalid
from billing.sandbox.shapes import intent as intents

_USES = ("on_session", "off_session")
_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")


def create(call: Call) -> Thing:
    """Made, and with `confirm` tried at once."""
    fields = call.fields
    amount = fields.integer("amount", 1)
    if amount is None:
        raise fields.absent("amount")
    currency = fields.currency("currency")
    _check_amount(amount, currency)
    customer = _customer(call)
    wanted, confirm = fields.text("payment_method"), fields.boolean("confirm")
    if not confirm and fields.given("off_session"):
        raise invalid("`off_session` can only be used with `confirm`.", "off_session")
    method = methods.named(call.bank, wanted, "payment_method") if wanted else None
    if method:
        methods.usable(call.bank, method, customer, "payment_method")
    values = _values(fields, customer, method)
    made = intents.new(call.bank.now(), amount=amount, currency=currency, values=values)
    intent = call.bank.shelf.put(made)
    call.bank.events.record("payment_intent.created", intent)
    return _confirmed(call, intent, method) if confirm else intent


def retrieve(call: Call) -> Thing:
    call.fields.accept("client_secret")
    return call.bank.shelf.need("payment_intent", call.id)


def update(call: Call) -> Thing:
    """What it is about; nothing that would change the money."""
    intent = retrieve(call)
    description = call.fields.text("description", intent["description"])
    metadata = call.fields.metadata(intent["metadata"])
    return call.bank.shelf.save({**intent, "description": description, "metadata": metadata})


def confirm(call: Call) -> Thing:
    call.fields.accept("payment_method_options", "use_stripe_sdk", "error_on_requires_action")
    intent = retrieve(call)
    wanted = call.fields.text("payment_method") or intent["payment_method"]
    method = methods.named(call.bank, wanted, "payment_method") if wanted else None
    if method:
        methods.usable(call.bank, method, intent["customer"], "payment_method")
    return _confirmed(call, intent, method)


def cancel(call: Call) -> Thing:
    reason = call.fields.choice("cancellation_reason", _REASONS)
    return paying.cancel(call.bank, retrieve(call), reason)


def index(call: Call) -> Thing:
    return listed(call, "payment_intent", "/v1/payment_intents", ("customer",))


ROUTES = (
    Route("POST", "/v1/payment_intents", create),
    Route("GET", "/v1/payment_intents", index),
    Route("GET", "/v1/payment_intents/{id}", retrieve),
    Route("POST", "/v1/payment_intents/{id}", update),
    Route("POST", "/v1/payment_intents/{id}/confirm", confirm),
    Route("POST", "/v1/payment_intents/{id}/cancel", cancel),
)


def _confirmed(call: Call, intent: Thing, method: Thing | None) -> Thing:
    """Raises Refusal, and keeps the declined charge, when the card does not pay."""
    if method is None:
        told = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise invalid(told, "payment_method", "payment_intent_unexpected_state")
    off_session = _off_session(call.fields)
    address = call.fields.address("return_url")
    bank = call.bank
    tried = paying.confirm(bank, intent, method, present=not off_session, return_url=address)
    paying.after(bank, tried)
    if tried["last_payment_error"]:
        raise declined(tried)
    if tried["customer"] and tried["setup_future_usage"] and method["customer"] is None:
        methods.attach(bank, method, bank.shelf.get(tried["customer"]), "limited")
    return tried


def _off_session(fields: Fields) -> bool:
    """A truth value, or one of two words that mean yes."""
    if fields.text("off_session") in ("one_off", "recurring"):
        return True
    return fields.boolean("off_session")


def _customer(call: Call) -> str | None:
    wanted = call.fields.text("customer")
    return call.bank.shelf.need("customer", wanted, "customer")["id"] if wanted else None


def _values(fields: Fields, customer: str | None, method: Thing | None) -> Thing:
    fields.accept("automatic_payment_methods", "payment_method_options", "use_stripe_sdk")
    fields.accept("error_on_requires_action", "mandate_data", "return_url")
    fields.accept("allowed_payment_method_types", "excluded_payment_method_types", "off_session")
    fields.choice("capture_method", ("automatic", "automatic_async"))
    fields.choice("confirmation_method", ("automatic",))
    return {
        "customer": customer,
        "description": fields.text("description"),
        "metadata": fields.metadata(),
        "payment_method": method["id"] if method else None,
        "receipt_email": fields.text("receipt_email"),
        "setup_future_usage": fields.choice("setup_future_usage", _USES),
        "statement_descriptor_suffix": fields.text("statement_descriptor_suffix"),
    }


def _check_amount(cents: int, currency: str) -> None:
    if cents < LEAST_CENTS:
        told = f"Amount must be at least {spoken(LEAST_CENTS, currency)} {currency}"
        raise invalid(told, "amount", "amount_too_small")
    if cents > MOST_CENTS:
        most = spoken(MOST_CENTS, currency)
        raise invalid(
            f"Amount must be no more than {most} {currency}", "amount", "amount_too_large"
        )
