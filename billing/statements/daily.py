"""
What was spent by day, added up ahead of time: the ledger only grows, so a sum stays true.

`SpendMark` says up to which position a wallet's transfers are in `DaySpend`; whoever asks gets
those days and whatever came behind the mark. So the answer is right to the micro-dollar, however
old the mark is. A transfer's day is the one that `periods.py` puts it into: it never goes back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Workspace
from billing.models import Account, SpendMark, Wallet
from billing.statements import sums

#: So many transfers are read as they are; of more the mark is moved first.
BEHIND = 1_000
#: So many are added up in one go: a second's work.
AT_ONCE = 200_000
#: More than any wallet has.
MANY = 2**62
DAY = "day"

Row = tuple[frozenset[str], dict[str, str], int, int]

#: Transfers of a wallet behind a position, each with its day.
MOVED = """
    SELECT reference, amount, debit, credit,
           greatest(%(day)s::date, max((created_at AT TIME ZONE 'UTC')::date)
                    OVER (ORDER BY position)) AS day
      FROM billing_transfer
     WHERE wallet_id = %(wallet)s AND position > %(after)s AND position <= %(upto)s"""
#: Those that were spent or came back, in the shape of a `DaySpend`.
SPENT = """
    SELECT t.day, {facts} AS facts, (t.credit = %(revenue)s)::int AS charges,
           CASE WHEN t.credit = %(revenue)s THEN t.amount ELSE -t.amount END AS amount
      FROM moved t {joins} WHERE %(revenue)s IN (t.debit, t.credit)"""
READ = f"""
WITH moved AS ({MOVED}), fresh AS ({SPENT}),
     every AS (SELECT {{splits}}, amount, charges FROM (
               SELECT day, facts, amount, charges FROM billing_dayspend WHERE wallet_id = %(wallet)s
                UNION ALL SELECT day, facts, amount, charges FROM fresh) d
                WHERE day BETWEEN %(first)s AND %(last)s)
SELECT coalesce((SELECT position FROM billing_spendmark WHERE wallet_id = %(wallet)s), 0),
       {{names}}, {{masks}}, sum(amount), sum(charges)
  FROM every GROUP BY GROUPING SETS ({{sets}}) HAVING count(*) > 0 ORDER BY {{names}}"""
ADD_UP = f"""
WITH moved AS MATERIALIZED ({MOVED}), fresh AS ({SPENT}),
     gone AS (DELETE FROM billing_dayspend
               WHERE wallet_id = %(wallet)s AND day >= (SELECT min(day) FROM moved)
           RETURNING day, facts, amount, charges),
     put AS (INSERT INTO billing_dayspend (wallet_id, day, facts, amount, charges)
             SELECT %(wallet)s, day, facts, sum(amount), sum(charges)
               FROM (SELECT day, facts, amount, charges FROM gone
                      UNION ALL SELECT day, facts, amount, charges FROM fresh) d
              GROUP BY day, facts)
UPDATE billing_spendmark SET position = %(upto)s, day = (SELECT max(day) FROM moved)
 WHERE wallet_id = %(wallet)s"""


def read(
    workspace: Workspace, *, first: date, last: date, sets: Collection[Sequence[str]]
) -> list[Row]:
    """
    For each of the sets of splits (none is empty) one row for each combination that occurs.

    They are sorted by the splits.

    A row says which set it is of, the split as texts, the amount and the number of charges.

    :raises ValueError: for a split that nobody knows.
    """
    names = list(dict.fromkeys(name for one in sets for name in one))
    query = _query(names, sets)
    while True:
        mark = _mark(workspace)
        with connection.cursor() as cursor:
            span = {"first": first, "last": last, "upto": MANY}
            cursor.execute(query, _about(workspace, mark) | span)
            rows = cursor.fetchall()
        if all(row[0] == mark.position for row in rows):
            return [_row(row[1:], names) for row in rows]


def add_up(wallet: Wallet, *, at_once: int = AT_ONCE) -> bool:
    """Move the mark to the last transfer, or by so many; whether there is more."""
    SpendMark.objects.get_or_create(wallet=wallet)
    with transaction.atomic():
        mine = SpendMark.objects.select_for_update(skip_locked=True)
        if (mark := mine.filter(pk=wallet.pk).first()) is None:
            return False  # somebody else is at it
        moves = Wallet.objects.values_list("moves", flat=True).get(pk=wallet.pk)
        if moves == mark.position:
            return False
        upto = min(moves, mark.position + at_once)
        with connection.cursor() as cursor:
            facts = sums.facts()
            query = ADD_UP.format(facts=_object(facts), joins=sums.joins(facts.values()))
            cursor.execute(query, _about(wallet.workspace, mark) | {"upto": upto})
        return upto < moves


def run(limit: int = 20) -> int:
    """Add up the wallets that are behind; how many."""
    position = Subquery(SpendMark.objects.filter(wallet=OuterRef("pk")).values("position"))
    behind = F("moves") - Coalesce(position, 0, output_field=IntegerField())
    rows = Wallet.objects.alias(behind=behind).filter(behind__gt=BEHIND // 2)
    found = list(rows.select_related("workspace").order_by("-behind")[:limit])
    for wallet in found:
        while add_up(wallet):
            pass
    return len(found)


def _mark(workspace: Workspace) -> SpendMark:
    """Where the mark is, moved first if it is far behind."""
    wallet, found = workspace.wallet, _found(workspace)
    if wallet.moves - found.position <= BEHIND:
        return found
    add_up(wallet)
    return _found(workspace)


def _found(workspace: Workspace) -> SpendMark:
    wallet = workspace.wallet
    return SpendMark.objects.filter(pk=wallet.pk).first() or SpendMark(wallet=wallet)


def _about(workspace: Workspace, mark: SpendMark) -> dict[str, Any]:
    return {
        "wallet": workspace.pk,
        "after": mark.position,
        "day": mark.day,
        "revenue": Account.REVENUE,
    }


def _query(names: list[str], sets: Collection[Sequence[str]]) -> str:
    facts = sums.facts()
    if unknown := [name for name in names if name != DAY and name not in facts]:
        raise ValueError(f"Nothing can be split by {', '.join(unknown)}.")
    columns = [f'"{name}"' for name in names]
    return READ.format(
        facts=_object(facts),
        joins=sums.joins(facts.values()),
        splits=", ".join(f'{_split(name)} AS "{name}"' for name in names),
        names=", ".join(columns),
        masks=", ".join(f"GROUPING({column})" for column in columns),
        sets=", ".join("(" + ", ".join(f'"{name}"' for name in one) + ")" for one in sets),
    )


def _split(name: str) -> str:
    return "to_char(day, 'YYYY-MM-DD')" if name == DAY else f"coalesce(facts->>'{name}', '')"


def _object(facts: dict[str, str]) -> str:
    pairs = ", ".join(f"'{name}', {sql}" for name, sql in facts.items())
    return f"jsonb_build_object({pairs})"


def _row(row: Sequence[Any], names: list[str]) -> Row:
    """Left out of the set are those columns whose mask is set."""
    width = len(names)
    said = {name: row[at] for at, name in enumerate(names) if not row[width + at]}
    return frozenset(said), said, int(row[-2]), int(row[-1])
