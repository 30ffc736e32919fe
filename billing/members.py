"""The people of a workspace with their money: what each spent this month, and may spend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Max, QuerySet
from django.db.models.functions import Greatest

from accounts.models import Membership, Workspace
from billing import limits
from billing.charts.reading import each
from billing.charts.spans import Span
from billing.limit_changes import member_subject
from billing.models import SpendLimit


@dataclass(frozen=True, slots=True)
class Left:
    """One limit with what is left of it in the window under way, in micro-dollars."""

    limit: SpendLimit
    spent: int
    left: int


@dataclass(frozen=True, slots=True)
class Person:
    """`seen_at` counts their API keys, too; `spent` is this month's charges less refunds."""

    place: Membership
    seen_at: datetime | None
    spent: int
    limits: Sequence[Left]


def people_of(workspace: Workspace, *, today: date) -> list[Person]:
    """In the order in which they came."""
    return _people(workspace, _places(workspace), today)


def person(place: Membership, *, today: date) -> Person:
    return _people(place.workspace, _places(place.workspace).filter(pk=place.pk), today)[0]


def _places(workspace: Workspace) -> QuerySet[Membership]:
    rows = Membership.objects.for_workspace(workspace).select_related("user", "workspace")
    seen = Greatest(F("seen_at"), Max("api_keys__last_used_at"))
    return rows.annotate(seen=seen).order_by("joined_at", "id")


def _people(workspace: Workspace, places: QuerySet[Membership], today: date) -> list[Person]:
    found = list(places)
    spent = _spent(workspace, today)
    of = _limits(workspace, found)
    return [
        Person(
            place=place,
            seen_at=vars(place)["seen"],
            spent=spent.get(str(place.user_id), 0),
            limits=of[member_subject(place.user)],
        )
        for place in found
    ]


def _spent(workspace: Workspace, today: date) -> dict[str, int]:
    sums = each(workspace, Span(today.replace(day=1), today), ["member"])
    return {member: amount for member, (amount, _) in sums["member"].items()}


def _limits(workspace: Workspace, places: Sequence[Membership]) -> dict[str, list[Left]]:
    subjects = [member_subject(place.user) for place in places]
    rows = SpendLimit.objects.filter(workspace=workspace, subject__in=subjects)
    found: dict[str, list[Left]] = defaultdict(list)
    for row in rows.order_by("window"):
        found[row.subject].append(Left(row, limits.spent(row), limits.left(row)))
    return found
