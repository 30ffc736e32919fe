"""Tasks are nudges: each makes one call. The tick finds whatever is due."""

from __future__ import annotations

import threading
import time

from celery import shared_task
from django.db import connection
from django.utils import timezone

from accounts import events
from accounts.claims import IS_DUE
from accounts.concurrency import stopping
from accounts.crashpoints import crashpoint
from accounts.nudges import now as send_nudge
from generations import figures as adding_up
from generations import nudges, retention
from generations.loops import balances as asking_balances
from generations.loops import dispatch as dispatching
from generations.loops import draw as drawing
from generations.loops import fetch as fetching
from generations.loops import hold as holding
from generations.loops import late as asking_late
from generations.loops import look as looking
from generations.loops import notify as notifying
from generations.loops import store as storing
from generations.staff import our_money as asking_for_it

LOOK_BATCH = 200
#: Seconds: what is due sooner is waited for, how long one task does so, and its shortest pause.
SOON, STAY, LEAST_REST = 1.0, 20.0, 0.05
_staying = threading.Lock()
NO_LIMIT = 30 * 24 * 3600  # seconds; Celery takes None for its default, not for "without end"

#: One answer for each of `nudges.LOOPS`, and one for customers' webhooks.
WHAT_IS_DUE = f"""
SELECT EXISTS (SELECT 1 FROM generations_generation WHERE {fetching.DUE} AND {{due}}),
       EXISTS (SELECT 1 FROM generations_generation WHERE state = 'queued' AND {{due}}),
       EXISTS (SELECT 1 FROM generations_generation WHERE {looking.DUE} AND {{due}}),
       EXISTS (SELECT 1 FROM generations_generation WHERE state = 'storing' AND {{due}}),
       EXISTS (SELECT 1 FROM generations_notice
                WHERE sent_at IS NULL AND given_up_at IS NULL AND {{due}}),
       EXISTS (SELECT 1 FROM generations_attempt WHERE late_look_at <= now()),
       EXISTS (SELECT 1 FROM generations_providerstatus WHERE balance_due_at <= now()),
       EXISTS (SELECT 1 FROM generations_clip WHERE poster_due_at <= now()),
       EXISTS (SELECT 1 FROM accounts_webhookdelivery WHERE state = 'pending' AND {{due}})
""".format(due=IS_DUE)


@shared_task
def tick() -> None:
    """Once a second: one query, and nudges only where there is work."""
    with connection.cursor() as cursor:
        cursor.execute(WHAT_IS_DUE)
        *due, webhooks = cursor.fetchone()
    crashpoint("CP20")
    for loop, is_due in zip(nudges.LOOPS, due, strict=True):
        if is_due:
            nudges.now(loop)
    if webhooks:
        send_nudge(events.DELIVER)


@shared_task(acks_late=False, time_limit=NO_LIMIT)
def dispatch() -> None:
    """Runs for as long as anything is being sent; acknowledged before."""
    nudges.heard("dispatch")
    dispatching.run()


@shared_task
def fetch() -> None:
    nudges.heard("fetch")
    fetching.run()


@shared_task(acks_late=False, time_limit=NO_LIMIT)
def hold() -> None:
    """Runs for as long as any of its submissions is held open; acknowledged before."""
    nudges.heard("hold")
    holding.run()


@shared_task
def late() -> None:
    nudges.heard("late")
    asking_late.run()


@shared_task
def balances() -> None:
    nudges.heard("balances")
    asking_balances.run()


@shared_task
def our_money() -> None:
    """Every ten minutes: what is left with each provider, for the dashboard and the alarm."""
    asking_for_it.ask()


@shared_task
def look() -> None:
    """
    Looks, and stays for what is due within the second: the tick alone would come too late for it.

    One at a time stays in each process; a knock starts another that looks and goes.
    """
    nudges.heard("look")
    looking.run(limit=LOOK_BATCH)
    if _staying.acquire(blocking=False):
        try:
            _stay()
        finally:
            _staying.release()


def _stay() -> None:
    until = time.monotonic() + STAY
    while time.monotonic() < until:
        wait = looking.seconds_until_due()
        if wait is None or wait > SOON or stopping.wait(max(LEAST_REST, wait)):
            return
        looking.run(limit=LOOK_BATCH)
    nudges.now("look")


@shared_task
def store() -> None:
    nudges.heard("store")
    storing.run()


@shared_task
def notify() -> None:
    nudges.heard("notify")
    if notifying.run() == notifying.BATCH:
        nudges.now("notify")


@shared_task
def figures() -> None:
    """Once a minute: today and yesterday, added up for the dashboard."""
    adding_up.refresh_last(2, now=timezone.now())


@shared_task
def past_figures() -> None:
    """Once an hour: a month, as refunds change what was true of its days."""
    adding_up.refresh_last(31, now=timezone.now())


@shared_task
def draw() -> None:
    nudges.heard("draw")
    if drawing.run() == drawing.ENOUGH:
        nudges.now("draw")


@shared_task
def retain() -> None:
    """Once a day: what workspaces do not want kept any longer."""
    retention.sweep(now=timezone.now())
