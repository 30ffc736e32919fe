"""Money as a page writes it."""

from __future__ import annotations

from django import template

from billing import money

register = template.Library()


@register.filter
def usd(micros: int) -> str:
    """Micro-dollars as `$0.28` or `−$1,234.00`."""
    dollars, _, decimals = money.usd(abs(micros)).partition(".")
    return f"{'−' if micros < 0 else ''}${int(dollars):,}.{decimals}"


@register.filter
def signed_usd(micros: int) -> str:
    """`+$25.00` or `−$0.28`: for movements, where the direction is the message."""
    return usd(micros) if micros < 0 else f"+{usd(micros)}"
