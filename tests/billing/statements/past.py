"""A wallet with a past: transfers dated by us, under the same constraints and triggers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from accounts import ids
from accounts.models import Workspace
from billing.models import Transfer, Wallet

CLIP = 280_000
TODAY = timezone.now().astimezone(UTC).date()
THIS_MONTH = TODAY.replace(day=1)
LAST_MONTH = (THIS_MONTH - timedelta(days=1)).replace(day=1)
MONTH_BEFORE = (LAST_MONTH - timedelta(days=1)).replace(day=1)


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


class Past:
    """Writes transfers where the ledger would, at times of our choosing."""

    def __init__(self, workspace: Workspace, *, born: date = MONTH_BEFORE) -> None:
        self.workspace = workspace
        Workspace.objects.filter(pk=workspace.pk).update(created_at=at(born))
        workspace.refresh_from_db()

    def moved(
        self,
        kind: str,
        debit: str,
        credit: str,
        amount: int,
        when: datetime,
        *,
        reference: str = "",
        description: str = "",
    ) -> Transfer:
        wallet = Wallet.objects.get(pk=self.workspace.pk)
        for name in ("available", "held"):
            change = amount * ((credit == name) - (debit == name))
            setattr(wallet, name, getattr(wallet, name) + change)
        wallet.debt += amount * ((debit == "debt") - (credit == "debt"))
        wallet.moves += 1
        wallet.save()
        return Transfer.objects.create(
            id=ids.uuid7(),
            wallet=wallet,
            position=wallet.moves,
            kind=kind,
            debit=debit,
            credit=credit,
            amount=amount,
            key=f"test:{uuid4()}",
            reference=reference,
            description=description,
            available_after=wallet.available,
            held_after=wallet.held,
            debt_after=wallet.debt,
            created_at=when,
        )

    def topped_up(
        self, amount: int, when: datetime, description: str = "Top-up", *, reference: str = ""
    ) -> Transfer:
        return self.moved(
            "deposit",
            "stripe",
            "available",
            amount,
            when,
            reference=reference,
            description=description,
        )

    def held(self, when: datetime, *, amount: int = CLIP) -> str:
        reference = f"job:{uuid4().hex}"
        self.moved("hold", "available", "held", amount, when, reference=reference)
        return reference

    def clip(self, when: datetime, *, amount: int = CLIP, description: str = "") -> str:
        """Held and captured; returns the reference."""
        reference = self.held(when, amount=amount)
        self.moved(
            "capture",
            "held",
            "revenue",
            amount,
            when + timedelta(minutes=2),
            reference=reference,
            description=description,
        )
        return reference

    def refunded(self, reference: str, when: datetime, *, amount: int = CLIP) -> Transfer:
        return self.moved("refund", "revenue", "available", amount, when, reference=reference)

    def many_clips(self, count: int, first: date, until: date) -> None:
        """`count` clips (two transfers each), evenly from the one day until before the other."""
        step = (at(until, 0) - at(first, 0)) / (count * 2)
        done = 0
        while done < count:
            # At first few: the trigger's query needs to be planned with some idea of the table.
            some = min(count - done, 50_000 if done else 1_000)
            self._some_clips(some, at(first, 0) + step * done * 2, step)
            done += some

    def _some_clips(self, count: int, start: datetime, step: timedelta) -> None:
        wallet = Wallet.objects.get(pk=self.workspace.pk)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            cursor.execute(
                MANY,
                {
                    "wallet": wallet.pk,
                    "position": wallet.moves,
                    "available": wallet.available,
                    "held": wallet.held,
                    "count": count,
                    "amount": CLIP,
                    "first": start,
                    "step": step,
                },
            )
            cursor.execute(
                "UPDATE billing_wallet SET available = available - %s, moves = moves + %s"
                " WHERE workspace_id = %s",
                [CLIP * count, count * 2, wallet.pk],
            )
            cursor.execute(JOBS, {"wallet": wallet.pk, "after": wallet.moves})
            cursor.execute("ANALYZE billing_transfer, test_job")


#: Clip i takes the positions 2i-1 (held) and 2i (captured).
MANY = """
INSERT INTO billing_transfer (id, wallet_id, position, kind, debit, credit, amount, key,
                              reference, description, actor, available_after, held_after,
                              debt_after, created_at)
SELECT gen_random_uuid(), %(wallet)s, %(position)s + i,
       CASE i %% 2 WHEN 1 THEN 'hold' ELSE 'capture' END,
       CASE i %% 2 WHEN 1 THEN 'available' ELSE 'held' END,
       CASE i %% 2 WHEN 1 THEN 'held' ELSE 'revenue' END,
       %(amount)s, 'test:' || %(wallet)s || ':' || %(position)s + i,
       'job:' || md5(%(wallet)s || ':' || %(position)s + (i + 1) / 2 * 2), '', '',
       %(available)s - (i + 1) / 2 * %(amount)s, %(held)s + i %% 2 * %(amount)s, 0,
       %(first)s + (i - 1) * %(step)s
  FROM generate_series(1::bigint, %(count)s * 2) AS i ORDER BY i
"""

#: Five members, twenty keys and three models, spread over the clips.
JOBS = """
INSERT INTO test_job (id, member, key, model, provider, job_id)
SELECT substr(reference, 5)::uuid, md5('member' || position / 2 %% 5)::uuid,
       md5('key' || position / 2 %% 20)::uuid, 'model-' || position / 2 %% 3, 'runware',
       md5(reference)
  FROM billing_transfer WHERE wallet_id = %(wallet)s AND kind = 'capture'
   AND position > %(after)s
    ON CONFLICT DO NOTHING
"""
