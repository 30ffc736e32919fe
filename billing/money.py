"""
Money is integer micro-dollars (1 USD = 1 000 000), never floats.

This is the one place where it becomes text and text becomes money.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

MICROS = 1_000_000
CENT = 10_000
#: The most a single amount may be: a hundred million dollars fits every column with room to spare.
MOST = 100_000_000 * MICROS

AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


def usd(micros: int) -> str:
    """`"0.28"`: at least two decimals, more only where needed."""
    sign = "-" if micros < 0 else ""
    dollars, rest = divmod(abs(micros), MICROS)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{dollars}.{decimals}"


def micros(text: str) -> int:
    """The amount a person or client wrote. Raises ValueError saying what is wrong with it."""
    if not isinstance(text, str) or not AMOUNT.fullmatch(text):
        raise ValueError("Write a positive amount in USD such as 12.50.")
    amount = int(Decimal(text) * MICROS)
    if amount > MOST:
        raise ValueError("This amount is too large.")
    return amount


def from_decimal(amount: Decimal) -> int:
    """What a provider reports, to the nearest micro-dollar."""
    return int((amount * MICROS).to_integral_value(ROUND_HALF_UP))


def marked_up(cost: int, markup: Decimal) -> int:
    """Cost times markup, rounded up to a whole cent; a markup of one leaves it untouched."""
    if markup == 1:
        return cost
    cents = (cost * markup / CENT).to_integral_value(ROUND_CEILING)
    return int(cents) * CENT
