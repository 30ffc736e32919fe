"""What was spent, charges less refunds: by day, and by what is known of the things paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Workspace
from billing.statements import daily


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

    :raises ValueError: for a split that nobody knows.
    """
    rows = daily.read(workspace, first=first, last=last, sets=[tuple(by) or (daily.DAY,)])
    found = [Spend(split, amount, charges) for _, split, amount, charges in rows]
    return found if by else _in_all(found)


def _in_all(found: list[Spend]) -> list[Spend]:
    if not found:
        return []
    return [Spend({}, sum(one.amount for one in found), sum(one.charges for one in found))]
