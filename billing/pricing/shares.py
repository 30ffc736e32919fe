"""Parts of amounts, for people: `"12.5 %"`. Decimals, never floats."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

TENTH = Decimal("0.1")


def percent(part: int, whole: int) -> str:
    """With one decimal; "–" of nothing."""
    if not whole:
        return "–"
    return f"{_tenths(part, whole)} %"


def change(old: int, new: int) -> str:
    """`"+7.1 %"`; "" from nothing."""
    if not old:
        return ""
    return f"{_tenths(new - old, old):+} %"


def _tenths(part: int, whole: int) -> Decimal:
    rounded = (Decimal(part) * 100 / whole).quantize(TENTH, ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)  # there is no minus nothing
