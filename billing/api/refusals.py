"""What the API says when money is refused."""

from __future__ import annotations

from typing import Any

from accounts.api.problems import FieldError, Problem, invalid
from accounts.moments import moment
from billing import ledger, limits, money, quotes
from billing.models import TopUp
from billing.payments.gateway import NotConfigured, PaymentError, Unreachable
from billing.payments.saved_card import NoCard, NotAllowed
from billing.payments.top_ups import BadAmount


def short_of_money(error: ledger.InsufficientFunds) -> Problem:
    """A 402 that says what is needed and what is there; a debt comes first."""
    needed, available = money.usd(error.needed), money.usd(error.available)
    if error.debt:
        detail = f"The wallet owes {money.usd(error.debt)} USD. Top it up: debt is paid first."
        code = "debt_outstanding"
    else:
        detail = f"This needs {needed} USD; the wallet has {available} USD."
        code = "insufficient_funds"
    return Problem(code, detail, needed=needed, available=available)


def limit_reached(error: limits.LimitReached) -> Problem:
    """A 403 that names the limit, what is left of it and when it starts anew."""
    limit = error.limit
    members: dict[str, Any] = limits.named(limit) | {
        "remaining": money.usd(limits.left(limit, on=error.on))
    }
    if until := limits.resets_at(limit.window, error.on):
        members["resets_at"] = moment(until)
    return Problem("spend_limit_reached", str(error), **members)


def not_paid(error: PaymentError) -> Problem:
    """Why there is no page to pay at, and no card to charge."""
    if isinstance(error, BadAmount):
        return invalid("amount", "invalid", str(error))
    if isinstance(error, Unreachable):
        return Problem("unavailable", str(error), retry_after=10)
    if isinstance(error, NoCard | NotAllowed | NotConfigured):
        return Problem(error.code, str(error))
    return Problem("payment_refused", str(error))


def declined(top_up: TopUp) -> Problem:
    """Why the saved card was not charged, in the bank's words, as often as it is asked."""
    if not top_up.reason:
        return Problem("payment_refused", top_up.failure, top_up=top_up.public_id)
    return Problem("card_declined", top_up.failure, reason=top_up.reason, top_up=top_up.public_id)


def quote_unusable(error: quotes.QuoteError) -> Problem:
    """Why the body's `quote` cannot be used."""
    said = FieldError("quote", error.code, str(error))
    return Problem(error.code, str(error), errors=[said])
