"""Checkout sessions: open → complete (paid or still unpaid) or expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from billing.sandbox.kinds import Thing, new_id

LIVES_AT_LEAST, LIVES_AT_MOST = 30 * 60, 24 * 3600


def new(now: int, *, currency: str, items: Sequence[Thing], values: Mapping[str, object]) -> Thing:
    total = sum(item["amount_total"] for item in items)
    blank: Thing = {
        "id": new_id("cs_test_a1", 58),
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": None,
        "client_reference_id": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {},
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "expires_at": now + LIVES_AT_MOST,
        "invoice": None,
        "invoice_creation": {"enabled": False},
        "livemode": False,
        "locale": None,
        "metadata": {},
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": ["card", "us_bank_account"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": None,
        "tax_id_collection": {"enabled": False, "required": "never"},
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
        "wallet_options": None,
    }
    return {**blank, **values}


def line_item(currency: str, name: str, unit_cents: int, quantity: int) -> Thing:
    cents = unit_cents * quantity
    price = new_id("price_1")
    return {
        "id": new_id("li_1"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": cents,
        "amount_tax": 0,
        "amount_total": cents,
        "currency": currency,
        "description": name,
        "metadata": {},
        "price": {
            "id": price,
            "object": "price",
            "active": False,
            "currency": currency,
            "livemode": False,
            "metadata": {},
            "product": new_id("prod_", 14),
            "recurring": None,
            "type": "one_time",
            "unit_amount": unit_cents,
            "unit_amount_decimal": str(unit_cents),
        },
        "quantity": quantity,
    }


def paying(session: Thing, intent: str) -> Thing:
    """The customer has tried; from now on it is known by which payment."""
    return {**session, "payment_intent": intent}


def complete(session: Thing, customer: str | None, details: Thing, *, paid: bool) -> Thing:
    """The customer is done. Money that takes days is still unpaid."""
    tax = session["automatic_tax"]
    return {
        **session,
        "automatic_tax": {**tax, "status": "complete"} if tax["enabled"] else tax,
        "customer": customer,
        "customer_details": details,
        "payment_status": "paid" if paid else "unpaid",
        "status": "complete",
        "url": None,
    }


def paid(session: Thing) -> Thing:
    return {**session, "payment_status": "paid"}


def expired(session: Thing) -> Thing:
    return {**session, "status": "expired", "url": None}


def customer_details(
    email: str | None, name: str | None, tax_id: str | None, address: Thing | None
) -> Thing:
    return {
        "address": address,
        "email": email,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [{"type": "unknown", "value": tax_id}] if tax_id else [],
    }


def success_address(session: Thing) -> str:
    """Where the customer goes who has paid."""
    address = session["success_url"] or ""
    return str(address).replace("{CHECKOUT_SESSION_ID}", session["id"])
