"""Customers."""

from __future__ import annotations

from collections.abc import Mapping

from billing.sandbox.kinds import Thing, new_id


def new(now: int, values: Mapping[str, object]) -> Thing:
    """A customer with these values over the empty ones."""
    blank: Thing = {
        "id": new_id("cus_", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_prefix": new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    return {**blank, **values}


def default_card(customer: Thing) -> str | None:
    found: str | None = customer["invoice_settings"]["default_payment_method"]
    return found


def with_default_card(customer: Thing, method: str | None) -> Thing:
    settings = {**customer["invoice_settings"], "default_payment_method": method}
    return {**customer, "invoice_settings": settings}
