"""
Setting a spend limit: what was spent before it was set counts in it.

Billing knows references, not who ordered: an app that knows registers how to find that out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db import transaction

from accounts.models import Workspace
from billing import limits
from billing.models import Spending, SpendLimit


@dataclass(frozen=True, slots=True)
class Past:
    """
    What a spender has spent since some moment, in micro-dollars: `settled` was taken and not
    refunded; `held` is by reference.
    """

    settled: int
    held: dict[str, int]


#: (workspace, subject, since) → what was ordered since then
Spent = Callable[[Workspace, str, datetime], Past]
_sources: list[Spent] = []


def register(source: Spent) -> Spent:
    """Add an app's answer to "what has this spender spent since then?"."""
    _sources.append(source)
    return source


@transaction.atomic
def set_limit(
    workspace: Workspace, *, subject: str, window: str, amount: int | None
) -> SpendLimit | None:
    """Set, change or (with None) take away one limit."""
    rows = SpendLimit.objects.filter(workspace=workspace, subject=subject, window=window)
    if amount is None:
        rows.delete()
        return None
    start = limits.period(window, limits.today())
    limit, new = rows.get_or_create(
        defaults={"workspace": workspace, "subject": subject, "window": window, "amount": amount}
    )
    if new:
        limit.period = start
        _count_past(limit, datetime.combine(start, time.min, UTC))
    if new:
        limit.save()
    else:  # what is counted meanwhile stays counted
        rows.update(amount=amount)
        limit.refresh_from_db()
    return limit


def _count_past(limit: SpendLimit, since: datetime) -> None:
    for source in _sources:
        past = source(limit.workspace, limit.subject, since)
        limit.spent += past.settled + sum(past.held.values())
        Spending.objects.bulk_create(
            Spending(limit=limit, reference=reference, period=limit.period, amount=amount)
            for reference, amount in past.held.items()
        )
