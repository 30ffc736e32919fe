"""What an order would cost and whether it could be sold, without anything being kept of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Workspace
from billing import money, quotes
from billing.quotes import Quote
from generations import orders, refusals, room
from generations.api import present
from generations.api.wishes import Wish


def dry_run(wish: Wish, *, workspace: Workspace, now: datetime) -> dict[str, Any]:
    """A quote without id: the price first, since it is cheap to find; then the image is opened."""
    refusals.refuse_words(wish.spec.prompt)
    room.refuse_when_full(workspace, count=wish.count)
    quote = estimate(wish, workspace=workspace, now=now)
    if wish.image:
        wish.image.judge()
    return present.quote(quote, now=now, kept=False)


def estimate(wish: Wish, *, workspace: Workspace, now: datetime) -> Quote:
    """
    The price as placing it would find it: by its quote, or by the table. Nothing stays.

    :raises OrderError: nobody sells it, or not at that price.
    :raises QuoteError: its quote cannot be used.
    """
    with transaction.atomic():
        quote = _quote(wish, workspace, now)
        transaction.set_rollback(True)
    most = wish.spec.max_price
    if most is not None and quote.unit_price > most:
        raise refusals.PriceAboveMax(f"It was quoted at {money.usd(quote.unit_price)} USD.")
    return quote


def _quote(wish: Wish, workspace: Workspace, now: datetime) -> Quote:
    if wish.quote_id is None:
        return orders.quote(workspace=workspace, spec=wish.priced, count=wish.count, now=now)
    return quotes.use(
        id=wish.quote_id,
        workspace=workspace,
        binding=wish.spec.binding,
        count=wish.count,
        now=now,
    )
