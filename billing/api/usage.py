"""What was spent: by day, member, key and model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import ids
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.fields import QueryDay, Strict, Text
from accounts.api.problems import invalid
from accounts.api.schema import responses
from billing import money
from billing.api import shapes
from billing.statements import usage
from billing.statements.usage import Spend

SPLITS = ("day", "member", "key", "model")
#: What the books know by UUID, and how its public ids begin.
PREFIXES = {"member": "usr", "key": "key"}
USUAL_DAYS = 30
MOST_DAYS = 366
SPLIT = f"({'|'.join(SPLITS)})"


@extend_schema_field({"type": "string", "pattern": f"^{SPLIT}(,{SPLIT}){{0,3}}$", "default": "day"})
class Splits(Text):
    """A few of the words, with commas between them."""

    default_error_messages = {"splits": f"Give some of {', '.join(SPLITS)}, with commas."}

    def to_internal_value(self, data: Any) -> list[str]:  # type: ignore[override]
        words = super().to_internal_value(data).split(",")
        if not set(words) <= set(SPLITS):
            self.fail("splits")
        return list(dict.fromkeys(words))


#: `from` is a word of Python's, so the class is made from a table.
UsageQuery: type[Strict] = type(
    "UsageQuery",
    (Strict,),
    {
        "__doc__": "Which days (UTC, both included), and how they are split.",
        "from": QueryDay(required=False, help_text=f"By default {USUAL_DAYS} days to `to`."),
        "to": QueryDay(required=False, help_text="By default today."),
        "by": Splits(
            required=False,
            help_text=f"Some of {', '.join(SPLITS)}, with commas: the rows are sorted by them.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Period:
    first: date
    last: date


class Usage(View):
    query = UsageQuery

    @extend_schema(
        operation_id="usage",
        summary="What was spent, by day, member, key or model",
        description=(
            "Charges less refunds; a refund counts on the day it was given, so an amount may be "
            f"negative. Days are UTC, at most {MOST_DAYS} of them. Rows without any charge or "
            "refund are left out."
        ),
        tags=["Wallet"],
        parameters=[UsageQuery],
        responses=responses(shapes.UsageSerializer, "invalid_request", example=shapes.USAGE),
    )
    def get(self, request: Request) -> Response:
        asked = _period(self.parameters, today=timezone.now().date())
        by = self.parameters.get("by", ["day"])
        workspace = caller(request).workspace
        rows = usage.spend(workspace=workspace, first=asked.first, last=asked.last, by=by)
        return Response(_shown(asked, by, rows))


def _period(asked: Mapping[str, Any], *, today: date) -> Period:
    """Raises a 422 Problem for a period that ends before it begins, or has too many days."""
    last = asked.get("to", today)
    first = asked.get("from", last - timedelta(days=USUAL_DAYS - 1))
    if first > last:
        raise invalid("from", "after_to", "The first day is after the last one.")
    if (last - first).days >= MOST_DAYS:
        raise invalid("from", "too_long", f"Ask for at most {MOST_DAYS} days at once.")
    return Period(first, last)


def _shown(period: Period, by: Sequence[str], rows: Sequence[Spend]) -> dict[str, Any]:
    total = sum(row.amount for row in rows), sum(row.charges for row in rows)
    return {
        "object": "usage",
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "by": list(by),
        "currency": "USD",
        "data": [_split(row.split) | _sum(row.amount, row.charges) for row in rows],
        "total": _sum(*total),
    }


def _split(split: Mapping[str, str]) -> dict[str, str | None]:
    return {name: _public(name, text) for name, text in split.items()}


def _public(name: str, text: str) -> str | None:
    """As the rest of the API calls it; null where nobody is known."""
    if not text or name not in PREFIXES:
        return text or None
    return ids.public(PREFIXES[name], UUID(text))


def _sum(amount: int, charges: int) -> dict[str, Any]:
    return {"amount": money.usd(amount), "charges": charges}
