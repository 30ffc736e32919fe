"""
Which transfers belong to which days.

A period is a run of positions without a gap, so its opening balance is the closing balance of the
one before, to the micro-dollar. A transfer's time is when its transaction began, while positions
are given out when the wallet was locked: around midnight the two may disagree by seconds. The
first transfer that is not before midnight opens the new day, and those behind it follow it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from django.db import connection

from accounts.models import Workspace
from billing.models import Transfer

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)

#: A bisection over positions, one for each moment: it needs no index on the time, and a million
#: transfers take twenty steps. It goes for a moment well before the one asked for, from where the
#: first transfer in time is looked for in order: so the answer is the same for ever, although
#: times are not strictly in order. Ten minutes is far more than a transaction may take. `OFFSET 0`
#: keeps the planner from reading the whole table for each step.
BOUNDARIES = """
WITH RECURSIVE search AS (
    SELECT moment, 1::bigint AS low, moves + 1 AS high, moves
      FROM unnest(%(moments)s::timestamptz[]) AS moment, billing_wallet
     WHERE workspace_id = %(wallet)s
    UNION ALL
    SELECT moment,
           CASE WHEN created_at < moment - interval '10 minutes' THEN middle + 1 ELSE low END,
           CASE WHEN created_at < moment - interval '10 minutes' THEN high ELSE middle END,
           moves
      FROM search CROSS JOIN LATERAL (
           SELECT position AS middle, created_at FROM billing_transfer
            WHERE wallet_id = %(wallet)s AND position = (low + high) / 2 OFFSET 0) probe
     WHERE low < high)
SELECT moment, coalesce(found.position, moves + 1)
  FROM search LEFT JOIN LATERAL (
       SELECT position FROM billing_transfer
        WHERE wallet_id = %(wallet)s AND position BETWEEN low AND moves AND created_at >= moment
        ORDER BY position LIMIT 1) found ON true
 WHERE low = high
"""


@dataclass(frozen=True, slots=True)
class Balances:
    """A wallet at one moment, in micro-dollars."""

    available: int = 0
    held: int = 0
    debt: int = 0

    @property
    def credit(self) -> int:
        """What is the customer's, wherever in the wallet it lies."""
        return self.available + self.held - self.debt


@dataclass(frozen=True, slots=True)
class Book:
    """The transfers of one workspace from one moment to another: positions `first` to `last`."""

    workspace: Workspace
    start: datetime
    end: datetime
    first: int
    last: int
    opening: Balances
    closing: Balances

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    @property
    def last_day(self) -> date:
        return (self.end - timedelta(microseconds=1)).date()


def month_named(text: str) -> date | None:
    """The first day of a month written `2026-11`; None where that is no month."""
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def months_of(workspace: Workspace, now: datetime) -> list[date]:
    """The first days of the months there can be statements for, newest first."""
    month, oldest = _first_day(now), _first_day(workspace.created_at)
    found = []
    while month >= oldest:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def book(*, workspace: Workspace, start: date, end: date) -> Book:
    """The transfers from the first day until before the other (UTC)."""
    return books(workspace=workspace, days=[start, end])[0]


def books(*, workspace: Workspace, days: Sequence[date]) -> list[Book]:
    """One book from each day to the next one given; `days` rise."""
    moments = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    firsts = _first_positions(workspace, moments)
    balances = _balances_after(workspace, [firsts[moment] - 1 for moment in moments])
    return [
        Book(
            workspace=workspace,
            start=start,
            end=end,
            first=firsts[start],
            last=firsts[end] - 1,
            opening=balances[firsts[start] - 1],
            closing=balances[firsts[end] - 1],
        )
        for start, end in pairwise(moments)
    ]


def _first_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _first_positions(workspace: Workspace, moments: list[datetime]) -> dict[datetime, int]:
    """For each moment the position of the first transfer that is not before it."""
    with connection.cursor() as cursor:
        cursor.execute(BOUNDARIES, {"moments": moments, "wallet": workspace.pk})
        return dict(cursor.fetchall())


def _balances_after(workspace: Workspace, positions: list[int]) -> dict[int, Balances]:
    rows = Transfer.objects.for_workspace(workspace).filter(position__in=positions)
    found = rows.values_list("position", "available_after", "held_after", "debt_after")
    return {0: Balances()} | {position: Balances(*after) for position, *after in found}
