"""
What no clip and no day may cost, whatever the table says: a slipped decimal point is not sold.

`MAX_PRICE_PER_CLIP` and `MAX_SPEND_PER_DAY` are micro-dollars; None is no ceiling.
"""

from __future__ import annotations

from django.conf import settings

from billing import money
from billing.models import Rate

MAX_PRICE_PER_CLIP = 5 * money.MICROS


def ceiling_faults(rate: Rate) -> list[str]:
    """Why this rate may not be entered or sold, in words for staff; empty when it may."""
    faults = [
        f"Its {what} of {money.usd(amount)} USD is above {money.usd(most)} USD, the most a clip "
        "may cost (MAX_PRICE_PER_CLIP)."
        for what, amount in [("cost", rate.cost), ("price", rate.price)]
        if (most := _per_clip()) is not None and amount > most
    ]
    if (most := _per_day()) is not None and max(rate.cost, rate.price) > most:
        faults.append(f"One clip is above {money.usd(most)} USD a day (MAX_SPEND_PER_DAY).")
    return faults


def order_faults(*, unit_price: int, count: int, spent_today: int) -> list[str]:
    """Why an order of `count` clips may not be taken, after so much was spent that day (UTC)."""
    faults = []
    if (most := _per_clip()) is not None and unit_price > most:
        faults.append(f"A clip may cost {money.usd(most)} USD at most.")
    if (most := _per_day()) is not None and spent_today + unit_price * count > most:
        faults.append(f"No more than {money.usd(most)} USD may be spent in a day.")
    return faults


def _per_clip() -> int | None:
    most: int | None = getattr(settings, "MAX_PRICE_PER_CLIP", MAX_PRICE_PER_CLIP)
    return most


def _per_day() -> int | None:
    most: int | None = getattr(settings, "MAX_SPEND_PER_DAY", None)
    return most
