"""What a customer has typed into the Checkout page: checked, and told kindly when it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping

from billing.sandbox import cards
from billing.sandbox.acts.checkout import Wish

#: what a click on a test card fills in beside its number
EXPIRY, CVC = "12 / 34", "123"


class WrongError(Exception):
    """Something to correct; the text is for the customer."""


def wish(
    typed: Mapping[str, str], known_email: str | None, now_year_month: tuple[int, int]
) -> Wish:
    """What the customer wants. Raises WrongError."""
    email = (known_email or typed.get("email", "")).strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost", email):
        raise WrongError("Enter an e-mail address for the receipt.")
    name = typed.get("name", "").strip()[:200] or None
    tax_id = typed.get("tax_id", "").strip()[:50] or None
    method = typed.get("method", "card")
    if method == "bank":
        return Wish(email=email, name=name, tax_id=tax_id)
    if method.startswith("pm_"):
        return Wish(email=email, name=name, tax_id=tax_id, saved_card=method)
    return Wish(
        email=email,
        name=name,
        tax_id=tax_id,
        card=_card(typed.get("number", "")),
        expires=_expiry(typed, now_year_month),
        save="save" in typed,
    )


def filled(typed: Mapping[str, str]) -> dict[str, str]:
    """The form after a click on a test card."""
    card = cards.by_number(typed.get("fill", ""))
    number = card.spaced if card else ""
    return {**typed, "method": "card", "number": number, "expiry": EXPIRY, "cvc": CVC}


def _card(number: str) -> cards.Card:
    if not cards.is_complete(number):
        raise WrongError("The card number is not complete or not right.")
    card = cards.by_number(number)
    if card is None:
        raise WrongError("Only test cards can be used here. Choose one of those below.")
    return card


def _expiry(typed: Mapping[str, str], now: tuple[int, int]) -> tuple[int, int]:
    """Month and year; the security code is looked at too."""
    found = re.fullmatch(r"\s*(\d{1,2})\s*[/ ]\s*(?:20)?(\d\d)\s*", typed.get("expiry", ""))
    if not found or not 1 <= int(found[1]) <= 12:
        raise WrongError("Enter when the card expires, as month / year.")
    month, year = int(found[1]), 2000 + int(found[2])
    if (year, month) < now:
        raise WrongError("The card has expired. Any later month will do.")
    if not re.fullmatch(r"\d{3,4}", typed.get("cvc", "").strip()):
        raise WrongError("Enter the security code: any three digits.")
    return month, year
