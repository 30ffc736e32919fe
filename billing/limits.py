"""
Spend limits: how much a workspace, a member or an API key may spend in a day, a month, ever.

What is held counts as spent, in the transaction that holds it; what is given back counts no more.
The limits of one order are taken in one order everywhere (its key and those it was made by, the
oldest first, member, workspace, then the wallet), so two orders never wait for each other in a
circle. Days and months are UTC's.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from django.db.models import QuerySet

from accounts.models import APIKey, Workspace
from accounts.prepared import Prepared
from billing import money
from billing.models import Spending, SpendLimit, Window

WORDS = {Window.DAY: "today", Window.MONTH: "this month", Window.LIFETIME: "in all"}
WHO = {"key": "This API key", "member": "You", "workspace": "This workspace"}
ABOVE = "The API key that made this one"
#: From this share on somebody is told, once in a window.
WARN_AT = 0.8


class LimitReached(Exception):
    """The order would pass a limit. Amounts are micro-dollars."""

    def __init__(self, limit: SpendLimit, needed: int, *, on: date, who: Spender) -> None:
        self.limit, self.needed, self.on = limit, needed, on
        is_above = limit.subject in who.subjects[1:] and limit.subject.startswith("key:")
        name = ABOVE if is_above else WHO[limit.subject.partition(":")[0]]
        super().__init__(
            f"{name} may spend {money.usd(limit.amount)} USD {WORDS[Window(limit.window)]}; "
            f"{money.usd(left(limit, on=on))} of that is left, and this needs {money.usd(needed)}."
        )


@dataclass(frozen=True, slots=True)
class Spender:
    """Who is about to spend: `subject`s as limits name them, opaque to billing."""

    workspace: Workspace
    subjects: Sequence[str]


def spender(
    workspace: Workspace, *, member: str = "", key: str = "", above: Sequence[str] = ()
) -> Spender:
    """The narrowest first; `above` are the keys that the key was made by."""
    named = [f"key:{one}" for one in [key, *above] if one]
    return Spender(workspace, [*named, *([f"member:{member}"] if member else []), "workspace"])


def spender_with(key: APIKey) -> Spender:
    """What a key spends counts against the keys it was made by and its member, too."""
    member = key.holder.user.public_id
    return spender(key.workspace, member=member, key=key.public_id, above=key.ancestors)


def of(who: Spender) -> QuerySet[SpendLimit]:
    """The limits that count what this spender spends."""
    return SpendLimit.objects.filter(workspace=who.workspace, subject__in=who.subjects)


def count(who: Spender, *, each: int, references: Sequence[str], now: datetime) -> None:
    """
    Count what is about to be held for these references, `each` micro-dollars.

    Inside the transaction of the holds and before them.

    :raises LimitReached: naming the narrowest limit that is in the way.
    """
    day, needed = now.astimezone(UTC).date(), each * len(references)
    found = _counting(who)
    for limit in sorted(found, key=lambda one: who.subjects.index(one.subject)):
        if left(limit, on=max(day, limit.period)) < needed:
            raise LimitReached(limit, needed, on=max(day, limit.period), who=who)
    for limit in found:
        # Who waited over midnight for the others counts for the day they have begun.
        _add(limit, needed, max(period(limit.window, day), limit.period))
    Spending.objects.bulk_create(
        Spending(limit=limit, reference=reference, period=limit.period, amount=each)
        for limit in found
        for reference in references
    )


def recount(*, reference: str, amount: int) -> None:
    """
    From now on this reference counts for no more than `amount`: the rest is the customer's again.

    Before the wallet's row is locked, as `count` is.
    """
    counted = Spending.objects.filter(reference=reference, amount__gt=amount)
    if not counted.exists():
        return
    limits = {one.pk: one for one in _locked(SpendLimit.objects.filter(spendings__in=counted))}
    for spending in counted:
        limit = limits[spending.limit_id]
        if limit.period == spending.period:
            _add(limit, amount - spending.amount, limit.period)
    counted.update(amount=amount)


def left(limit: SpendLimit, *, on: date | None = None) -> int:
    """What may still be spent, never below nothing."""
    return max(0, limit.amount - spent(limit, on=on))


def spent(limit: SpendLimit, *, on: date | None = None) -> int:
    """What has been spent in the window that is under way."""
    return limit.spent if limit.period == period(limit.window, on or today()) else 0


def named(limit: SpendLimit) -> dict[str, str]:
    """Which one it is, in words for programs: `key per month`, and which key or member."""
    kind, _, whose = limit.subject.partition(":")
    return {"limit": f"{kind} per {limit.window}", **({"subject": whose} if whose else {})}


def period(window: str, day: date) -> date:
    """The first day of the window that is under way on that day."""
    starts = {Window.DAY: day, Window.MONTH: day.replace(day=1), Window.LIFETIME: date.min}
    return starts[Window(window)]


def resets_at(window: str, day: date) -> datetime | None:
    """When the window that is under way ends; None for the one that never does."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if window == Window.DAY:
        return first + timedelta(days=1)
    if window == Window.MONTH:
        return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return None


def today() -> date:
    return datetime.now(UTC).date()


def _locked(limits: QuerySet[SpendLimit]) -> QuerySet[SpendLimit]:
    """In the one order in which limits are ever taken: keys, the member, the workspace."""
    return limits.select_for_update(of=("self",)).order_by("subject", "window", "pk")


def _counting(who: Spender) -> list[SpendLimit]:
    """Taken for this spender, as the last thing before the wallet."""
    return _of_so_many(len(who.subjects))(who.workspace.pk, *who.subjects)


@cache
def _of_so_many(subjects: int) -> Prepared[SpendLimit]:
    return Prepared(
        lambda workspace, *names: _locked(
            SpendLimit.objects.filter(workspace_id=workspace, subject__in=names)
        ),
        uuid.UUID,
        *[str] * subjects,
    )


def _add(limit: SpendLimit, amount: int, period: date) -> None:
    before = limit.spent if limit.period == period else 0
    limit.spent, limit.period = max(0, before + amount), period
    limit.save(update_fields=["spent", "period"])
