"""
Payment intents: requires_payment_method → requires_confirmation → requires_action → processing →
succeeded, with failures leading back to the beginning, and canceled.
"""

from __future__ import annotations

from collections.abc import Mapping

from billing.sandbox.cards import Decline
from billing.sandbox.kinds import Thing, new_id

#: From here an intent may be confirmed, and from here canceled.
CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
CANCELABLE = CONFIRMABLE | {"processing"}


def new(now: int, *, amount: int, currency: str, values: Mapping[str, object]) -> Thing:
    id = new_id("pi_3")
    blank: Thing = {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_{new_id('', 25)}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    intent = {**blank, **values}
    return {**intent, "status": _before_confirmation(intent)}


def asking(intent: Thing, method: Thing, url: str, return_url: str | None) -> Thing:
    """The bank wants the customer to confirm at this address."""
    redirect = {"return_url": return_url, "url": url}
    action = {"redirect_to_url": redirect, "type": "redirect_to_url"}
    return {
        **intent,
        "last_payment_error": None,
        "next_action": action,
        "payment_method": method["id"],
        "status": "requires_action",
    }


def processing(intent: Thing, method: Thing, charge: Thing) -> Thing:
    """Money that takes days is on its way."""
    return {
        **_settling(intent, method, charge),
        "amount_received": 0,
        "processing": {"type": method["type"]},
        "status": "processing",
    }


def succeeded(intent: Thing, method: Thing, charge: Thing) -> Thing:
    return {
        **_settling(intent, method, charge),
        "amount_received": intent["amount"],
        "processing": None,
        "status": "succeeded",
    }


def failed(intent: Thing, method: Thing, charge: Thing | None, why: Decline) -> Thing:
    """Nothing was paid; another method may be tried."""
    return {
        **intent,
        "last_payment_error": _error(method, charge, why),
        "latest_charge": charge["id"] if charge else intent["latest_charge"],
        "next_action": None,
        "payment_method": None,
        "processing": None,
        "status": "requires_payment_method",
    }


def canceled(intent: Thing, now: int, reason: str | None) -> Thing:
    return {
        **intent,
        "canceled_at": now,
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
    }


def _before_confirmation(intent: Thing) -> str:
    return "requires_confirmation" if intent["payment_method"] else "requires_payment_method"


def _settling(intent: Thing, method: Thing, charge: Thing) -> Thing:
    return {
        **intent,
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
    }


def _error(method: Thing, charge: Thing | None, why: Decline) -> Thing:
    error: Thing = {
        "charge": charge["id"] if charge else None,
        "code": why.code,
        "decline_code": why.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes/{why.code.replace('_', '-')}",
        "message": why.message,
        "payment_method": method,
        "type": "card_error" if method["type"] == "card" else "invalid_request_error",
    }
    return {name: value for name, value in error.items() if value is not None}
