"""Payment methods: cards, and a bank account that is debited days later."""

from __future__ import annotations

import hashlib

from billing.sandbox.cards import Card
from billing.sandbox.kinds import Thing, new_id

#: A card of the test table expires in the year after the next.
_YEARS = 2
_SECONDS_IN_YEAR = 31_556_952


def card(now: int, of: Card, billing: Thing, expires: tuple[int, int] | None = None) -> Thing:
    """A card as a payment method. The same number has the same fingerprint everywhere."""
    month, year = expires or (12, 1970 + now // _SECONDS_IN_YEAR + _YEARS)
    return {
        **_new(now, "card", billing),
        "card": {
            "brand": of.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": of.country,
            "display_brand": of.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": _fingerprint(of.number),
            "funding": of.funding,
            "generated_from": None,
            "last4": of.last4,
            "networks": {"available": [of.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
    }


def bank_account(now: int, billing: Thing) -> Thing:
    return {
        **_new(now, "us_bank_account", billing),
        "us_bank_account": {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
            "fingerprint": _fingerprint("110000000/000123456789"),
            "last4": "6789",
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": {},
        },
    }


def attached(method: Thing, customer: str, redisplay: str | None = None) -> Thing:
    shown = redisplay or method["allow_redisplay"]
    return {**method, "customer": customer, "allow_redisplay": shown}


def detached(method: Thing) -> Thing:
    return {**method, "customer": None}


def billing_details(email: str | None = None, name: str | None = None) -> Thing:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}


def details(method: Thing) -> Thing:
    """What a charge tells about the method it was made with."""
    kind = method["type"]
    told = {name: value for name, value in method[kind].items() if name not in _NOT_ON_CHARGES}
    if kind == "card":
        told |= {"network": method["card"]["brand"], "three_d_secure": None, "mandate": None}
    return {"type": kind, kind: told}


def label(method: Thing) -> str:
    """As a person reads it."""
    if method["type"] == "card":
        return f"{method['card']['brand'].capitalize()} •••• {method['card']['last4']}"
    return f"{method['us_bank_account']['bank_name'].title()} •••• 6789"


_NOT_ON_CHARGES = {"display_brand", "generated_from", "networks", "three_d_secure_usage"}


def _new(now: int, kind: str, billing: Thing) -> Thing:
    return {
        "id": new_id("pm_"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing,
        "created": now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def _fingerprint(number: str) -> str:
    return hashlib.sha256(f"sandbox:{number}".encode()).hexdigest()[:16]
