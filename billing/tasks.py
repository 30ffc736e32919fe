"""What there is to do with money beside the orders: each makes one call."""

from __future__ import annotations

from celery import shared_task
from django.db import connection
from django.utils import timezone

from accounts import letters
from billing import alerts, nudge
from billing import audit as auditing
from billing.payments import automatic, events, gateway, sweep
from billing.statements import daily

WHAT_IS_DUE = """
SELECT EXISTS (SELECT 1 FROM billing_stripeevent WHERE state = 'received' AND due_at <= now())
    OR EXISTS (SELECT 1 FROM billing_topup WHERE state = 'open' AND due_at <= now())
    OR EXISTS (SELECT 1 FROM accounts_letter WHERE due_at <= now())
    OR EXISTS (SELECT 1 FROM billing_payer p JOIN billing_wallet w USING (workspace_id)
                WHERE p.auto AND p.card <> '' AND w.available < p.threshold
                  AND coalesce(p.tried_at, '-infinity') < now() - interval '15 minutes')
"""


@shared_task
def tick() -> None:
    """Every few seconds: one query, and a nudge only where there is work."""
    with connection.cursor() as cursor:
        cursor.execute(WHAT_IS_DUE)
        (is_due,) = cursor.fetchone()
    if is_due:
        nudge.work()


@shared_task
def work() -> None:
    """Events first: they may bring the money that the rest looks for."""
    nudge.heard()
    now = timezone.now()
    if gateway.is_configured():
        events.process_due(now=now)
        sweep.open_top_ups(now=now)
        automatic.run(now=now)
    letters.send_due(now=now)


@shared_task
def alert() -> None:
    """Once a minute: low balances, limits nearly reached."""
    if alerts.run(now=timezone.now()):
        nudge.work()


@shared_task
def add_up() -> None:
    """Once a minute: what was spent by day, so that nobody has to read all of a wallet."""
    daily.run()


@shared_task
def audit() -> None:
    """Once an hour: whether the books are right, for whoever watches."""
    auditing.run(now=timezone.now())


@shared_task
def reconcile() -> None:
    """Once an hour: events of the last days that never reached us."""
    if gateway.is_configured() and sweep.missed_events(now=timezone.now()):
        nudge.work()
