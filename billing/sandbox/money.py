"""Amounts are whole cents; this is how a person reads them."""

from __future__ import annotations

#: Stripe takes no less and no more (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
LEAST_CENTS, MOST_CENTS = 50, 99_999_999

#: currencies with cents, and their signs
SIGNS = {"aud": "A$", "cad": "CA$", "chf": "CHF ", "eur": "€", "gbp": "£", "usd": "$"}


def spoken(cents: int, currency: str) -> str:
    """`$1,234.50`"""
    whole, rest = divmod(cents, 100)
    return f"{SIGNS[currency]}{whole:,}.{rest:02d}"
