"""Firm prices: given for 15 minutes, honoured whatever the table says meanwhile, used up once."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Func

from accounts.models import Workspace
from billing.models import Quote

__all__ = [
    "Quote",
    "QuoteError",
    "QuoteExpired",
    "QuoteMismatch",
    "QuoteNotFound",
    "QuoteUsed",
    "find",
    "forget_wishes",
    "give",
    "use",
]

GOOD_FOR = timedelta(minutes=15)
WITHOUT_PROMPT = "jsonb_set(%(expressions)s, '{spec,prompt}', '\"\"')"


class QuoteError(Exception):
    """The quote cannot be used; `code` is the API's."""

    code = "quote_mismatch"


class QuoteNotFound(QuoteError):
    code = "not_found"


class QuoteExpired(QuoteError):
    code = "quote_expired"


class QuoteUsed(QuoteError):
    code = "quote_used"


class QuoteMismatch(QuoteError):
    code = "quote_mismatch"


def give(
    *,
    workspace: Workspace,
    binding: str,
    details: dict[str, Any],
    unit_price: int,
    rate_id: int,
    count: int,
    now: datetime,
) -> Quote:
    return Quote.objects.create(
        workspace=workspace,
        binding=binding,
        details=details,
        unit_price=unit_price,
        count=count,
        rate_id=rate_id,
        expires_at=now + GOOD_FOR,
    )


def use(*, id: uuid.UUID, workspace: Workspace, binding: str, count: int, now: datetime) -> Quote:
    """
    Take the quote for one placement, inside its transaction: a placement that fails gives it back.

    :raises QuoteError: the subclass says why it cannot be used.
    """
    quote = find(id=id, workspace=workspace)
    if quote.binding != binding or quote.count != count:
        raise QuoteMismatch("The quote was given for another order. Ask for a new one.")
    fresh = Quote.objects.filter(id=id, used_at=None, expires_at__gt=now)
    if not fresh.update(used_at=now):
        raise _why_not(Quote.objects.get(id=id))
    return quote


def find(*, id: uuid.UUID, workspace: Workspace) -> Quote:
    quote = Quote.objects.for_workspace(workspace).select_related("rate").filter(id=id).first()
    if quote is None:
        raise QuoteNotFound("There is no such quote.")
    return quote


def _why_not(quote: Quote) -> QuoteError:
    if quote.used_at:
        return QuoteUsed("The quote was used before. Ask for a new one.")
    return QuoteExpired("The quote has expired. Ask for a new one.")


def forget_wishes(*, before: datetime | None = None, **workspaces: Any) -> int:
    """What was quoted stays, without the words of the wish. Returns how many had some."""
    rows = Quote.objects.filter(**workspaces).exclude(details__spec__prompt="")
    if before:
        rows = rows.filter(created_at__lt=before)
    return rows.update(details=Func(F("details"), template=WITHOUT_PROMPT))
