"""
What the providers take from us, attempt by attempt: double entry among three accounts of each
provider. `cost` is what its clips cost us, `payable` what we owe it, `suspense` what nobody knows.

An attempt's cost is booked by saying what is true of it now; the rows that make it so follow.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Max

from billing.models import Cost, CostAccount


@transaction.atomic
def book(
    *, provider: str, reference: str, payable: int = 0, suspense: int = 0, why: str = ""
) -> list[Cost]:
    """
    From now on this attempt is owed `payable` micro-dollars, and `suspense` are in doubt.

    Saying the same twice books nothing. Two who say it at once take turns.
    """
    _alone(reference)
    rows = Cost.objects.filter(reference=reference)
    wanted = {CostAccount.PAYABLE: payable, CostAccount.SUSPENSE: suspense}
    number = (rows.aggregate(most=Max("number"))["most"] or 0) + 1
    booked: list[Cost] = []
    for account, amount in wanted.items():
        change = amount - _balance(rows, account)
        if change:
            ends = (CostAccount.COST, account) if change > 0 else (account, CostAccount.COST)
            booked.append(
                Cost(
                    provider=provider, reference=reference, number=number + len(booked),
                    debit=ends[0], credit=ends[1], amount=abs(change), why=why,
                )
            )  # fmt: skip
    return Cost.objects.bulk_create(booked)


def _balance(rows: Iterable[Cost], account: CostAccount) -> int:
    return sum(
        row.amount if row.credit == account else -row.amount
        for row in rows
        if account in (row.credit, row.debit)
    )


def _alone(reference: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [reference])
