"""
What many looks saw, written down together: a few statements however many jobs they are about.

Every row is matched by its lease and by the state it was seen in, as `moves.move` does for one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from psycopg.types.json import Jsonb

from accounts.claims import Claim
from billing import money
from generations import moves, nudges, waiting
from generations.models import Attempt, Event, Generation
from generations.providers.base import Snapshot
from generations.states import MOVES, PUBLIC, State


@dataclass(frozen=True, slots=True)
class Sight:
    """One job, and what a look saw of it."""

    claim: Claim[Generation]
    attempt: Attempt
    snapshot: Snapshot


def still_working(seen: Sequence[Sight]) -> None:
    """For jobs past no deadline: when each is looked at next."""
    waits = [waiting.next(one.claim.row, now=one.claim.now) for one in seen]
    rows = {
        **_rows(seen),
        "claimed": [one.claim.now for one in seen],
        "seconds": [wait.seconds for wait in waits],
        "every": [wait.every for wait in waits],
        "progress": [one.snapshot.progress for one in seen],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STILL_WORKING, rows)
        looked_at = Attempt.objects.filter(pk__in=[one.attempt.pk for one in seen])
        looked_at.update(looks=F("looks") + 1, working_at=Now())


@transaction.atomic
def rendered(seen: Sequence[Sight]) -> set[uuid.UUID]:
    """
    → storing, with where each file lies. The generations that moved; the others were not ours.

    Safe to call twice: the second call moves nothing.
    """
    illegal = [one for one in seen if State.STORING not in MOVES[State(one.claim.row.state)]]
    if illegal:
        raise ValueError(f"a generation never goes from {illegal[0].claim.row.state} to storing")
    moved = {row[0] for row in _asked(RENDERED, _rows(seen))}
    ours = [one for one in seen if one.claim.row.pk in moved]
    _asked(RESULTS, _results(ours))
    Event.objects.bulk_create(_first_time(one) for one in ours if one.attempt.rendered_at is None)
    for one in ours:
        was_queued = PUBLIC[State(one.claim.row.state)] == "queued"
        one.claim.row.state = State.STORING
        if was_queued:
            moves.tell(one.claim.row)
    if ours:
        nudges.after_commit("store")
    return moved


def _rows(seen: Sequence[Sight]) -> dict[str, Any]:
    return {
        "id": [one.claim.row.pk for one in seen],
        "token": [one.claim.token for one in seen],
        "state": [str(one.claim.row.state) for one in seen],
    }


def _results(seen: Sequence[Sight]) -> dict[str, Any]:
    costs = [one.snapshot.cost for one in seen]
    return {
        "attempt": [one.attempt.pk for one in seen],
        "url": [one.snapshot.video_url for one in seen],
        "cost": [None if cost is None else money.from_decimal(cost) for cost in costs],
        "seed": [one.snapshot.seed for one in seen],
        "raw": [Jsonb(moves.plain(one.snapshot.raw)) for one in seen],
    }


def _first_time(one: Sight) -> Event:
    return Event(
        generation=one.claim.row,
        type="attempt.rendered",
        message=f"{one.attempt.provider} has rendered it.",
    )


def _asked(query: str, rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, rows)
        return list(cursor.fetchall()) if cursor.description else []


STILL_WORKING = """
UPDATE generations_generation AS job
   SET lease_until = NULL,
       progress = coalesce(seen.progress, job.progress),
       due_at = CASE
           WHEN job.knocked_at > seen.claimed THEN statement_timestamp()
           WHEN seen.every > 0 THEN to_timestamp(seen.every * round(
               (extract(epoch FROM statement_timestamp()) + seen.seconds) / seen.every))
           ELSE statement_timestamp() + make_interval(secs => seen.seconds) END
  FROM unnest(%(id)s::uuid[], %(token)s::bigint[], %(state)s::text[], %(claimed)s::timestamptz[],
              %(seconds)s::float8[], %(every)s::float8[], %(progress)s::smallint[])
       AS seen (id, token, state, claimed, seconds, every, progress)
 WHERE job.id = seen.id AND job.lease_token = seen.token AND job.state = seen.state"""

RENDERED = """
UPDATE generations_generation AS job
   SET state = 'storing', state_since = statement_timestamp(), due_at = statement_timestamp(),
       lease_until = NULL, started_at = coalesce(started_at, statement_timestamp()),
       progress = 100
  FROM unnest(%(id)s::uuid[], %(token)s::bigint[], %(state)s::text[]) AS seen (id, token, state)
 WHERE job.id = seen.id AND job.lease_token = seen.token AND job.state = seen.state
RETURNING job.id"""

RESULTS = """
UPDATE generations_attempt AS attempt
   SET result_url = seen.url, reported_cost = seen.cost, seed = seen.seed, raw = seen.raw,
       looks = looks + 1, rendered_at = coalesce(rendered_at, statement_timestamp())
  FROM unnest(%(attempt)s::uuid[], %(url)s::text[], %(cost)s::bigint[], %(seed)s::bigint[],
              %(raw)s::jsonb[]) AS seen (id, url, cost, seed, raw)
 WHERE attempt.id = seen.id"""
