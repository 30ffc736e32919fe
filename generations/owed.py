"""What an attempt costs us, booked in the transaction that says so; see `billing/costs.py`."""

from __future__ import annotations

from billing import costs
from generations.models import Attempt


def taken(attempt: Attempt) -> None:
    """They have it: it costs what they report, or what the table says until they do."""
    known = attempt.cost if attempt.reported_cost is None else attempt.reported_cost
    why = "table" if attempt.reported_cost is None else "reported"
    costs.book(provider=attempt.provider, reference=attempt.reference, payable=known, why=why)


def in_doubt(attempt: Attempt) -> None:
    """Nobody knows whether they have it, or whether they will charge it."""
    costs.book(
        provider=attempt.provider,
        reference=attempt.reference,
        suspense=attempt.cost,
        why="in doubt",
    )


def nothing(attempt: Attempt, why: str) -> None:
    """They do not have it, or charge nothing for it."""
    costs.book(provider=attempt.provider, reference=attempt.reference, why=why)
