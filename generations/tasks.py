"""Tasks are nudges: each makes one call. The tick finds whatever is due."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.db import connection

from generations import nudges, posters
from generations.loops import dispatch as dispatching
from generations.loops import look as looking
from generations.loops import notify as notifying
from generations.loops import store as storing

DISPATCH_BATCH = 50
LOOK_BATCH = 200

WHAT_IS_DUE = """
SELECT EXISTS (SELECT 1 FROM generations_generation WHERE state = 'queued' AND {due}),
       EXISTS (SELECT 1 FROM generations_generation
                WHERE state IN ('submitting', 'running', 'unknown', 'overdue') AND {due}),
       EXISTS (SELECT 1 FROM generations_generation WHERE state = 'storing' AND {due}),
       EXISTS (SELECT 1 FROM generations_notice
                WHERE sent_at IS NULL AND given_up_at IS NULL AND {due})
""".format(due="due_at <= now() AND (lease_until IS NULL OR lease_until < now())")


@shared_task
def tick() -> None:
    """Once a second: one query, and nudges only where there is work."""
    with connection.cursor() as cursor:
        cursor.execute(WHAT_IS_DUE)
        due = cursor.fetchone()
    for loop, is_due in zip(nudges.LOOPS, due, strict=True):
        if is_due:
            nudges.now(loop)


@shared_task
def dispatch() -> None:
    if dispatching.run(limit=DISPATCH_BATCH) == DISPATCH_BATCH:
        nudges.now("dispatch")


@shared_task
def look() -> None:
    if looking.run(limit=LOOK_BATCH) == LOOK_BATCH:
        nudges.now("look")


@shared_task
def store() -> None:
    storing.run()


@shared_task
def notify() -> None:
    notifying.run()


@shared_task
def poster(*, generation_id: str) -> None:
    posters.make(uuid.UUID(generation_id))
