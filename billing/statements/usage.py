"""What was spent, charges less refunds: by day, and by what is known of the things paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Workspace
from billing.statements import periods, sums
from billing.statements.periods import Book
from billing.statements.sums import SPENDING, splits

__all__ = ["Spend", "of", "spend", "splits"]


@dataclass(frozen=True, slots=True)
class Spend:
    """
    What was spent on one combination of the splits, in micro-dollars.

    `split` holds a text for each of them: a day as `2026-11-21`, a member or key as its UUID, empty
    where nobody is known. A refund counts on the day it was given, so `amount` may be negative.
    """

    split: dict[str, str]
    amount: int
    charges: int


def spend(
    *, workspace: Workspace, first: date, last: date, by: Sequence[str] = ("day",)
) -> list[Spend]:
    """
    The spend from the first to the last day (UTC, both included), sorted by the splits in order.

    Combinations without any charge or refund are left out. Without a split it is one row or none.

    :raises ValueError: for a split that nobody knows; `splits()` names those there are.
    """
    book = periods.book(workspace=workspace, start=first, end=last + timedelta(days=1))
    return of(book, by=by)


def of(book: Book, *, by: Sequence[str]) -> list[Spend]:
    """The spend of a book, as `spend` tells it."""
    found = sums.sums(book, by=by, over=SPENDING)
    return [
        Spend(dict(zip(by, sum.key, strict=True)), sum.went - sum.came, sum.departures)
        for sum in found
    ]
