"""What the API says when money is refused."""

from __future__ import annotations

from accounts.api.problems import FieldError, Problem
from billing import ledger, money, quotes


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


def quote_unusable(error: quotes.QuoteError) -> Problem:
    """Why the body's `quote` cannot be used."""
    said = FieldError("quote", error.code, str(error))
    return Problem(error.code, str(error), errors=[said])
