"""What became of many deliveries, written down in a few statements."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import DeliveryState, WebhookEndpoint
from accounts.moments import moment
from accounts.webhooks import endpoints, schedule
from accounts.webhooks.courier import GONE, Outcome
from accounts.webhooks.parcels import Held, Parcel

#: Tries that a delivery's log holds; replays would let it grow without end.
MOST_TRIES_KEPT = 30


@dataclass(frozen=True, slots=True)
class Result:
    """One delivery in hand, and what became of it."""

    parcel: Parcel
    outcome: Outcome

    @property
    def at(self) -> datetime:
        """By the database's clock."""
        return self.parcel.held.now + timedelta(seconds=self.outcome.seconds)

    @property
    def is_gone(self) -> bool:
        return self.outcome.status == GONE

    @property
    def next_try(self) -> datetime | None:
        if self.outcome.is_delivered or self.is_gone or self.parcel.is_ping:
            return None
        tries = self.parcel.held.row.tries + 1
        wait = schedule.wait_after(tries, asked=self.outcome.retry_after)
        return None if wait is None else self.at + timedelta(seconds=wait)

    def entry(self) -> dict[str, object]:
        """A line of the log."""
        return {
            "at": moment(self.at),
            "status": self.outcome.status,
            "ms": round(self.outcome.seconds * 1000),
            "error": self.outcome.error or None,
            "body": self.outcome.body,
        }


@transaction.atomic
def write_down(results: Sequence[Result]) -> None:
    """A delivery that is no longer in our hands stays as it is."""
    written = _deliveries(results)
    told = [one for one in results if one.parcel.held.row.endpoint_id in written]
    fine = {_endpoint(one) for one in told if one.outcome.is_delivered}
    failing = {_endpoint(one): one.at for one in told if not one.outcome.is_delivered}
    _endpoints(fine, {id: at for id, at in failing.items() if id not in fine})
    for id in {_endpoint(one) for one in told if one.is_gone}:
        endpoints.give_up(id, "It answered that it is gone (410).")


def put_back(held: Iterable[Held]) -> None:
    """What was taken up and not sent may be taken up by anybody."""
    rows = list(held)
    with connection.cursor() as cursor:
        cursor.execute(PUT_BACK, [[one.row.pk for one in rows], [one.token for one in rows]])


def _endpoint(result: Result) -> uuid.UUID:
    id = result.parcel.held.row.endpoint_id
    assert id is not None  # noqa: S101  (only those with one are asked)
    return id


def _deliveries(results: Sequence[Result]) -> set[uuid.UUID]:
    """Returns the endpoints of those that were still in our hands."""
    columns = zip(*(_row(one) for one in results), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(WRITE_DOWN, [*map(list, columns), MOST_TRIES_KEPT])
        return {endpoint for (endpoint,) in cursor.fetchall() if endpoint}


def _row(result: Result) -> tuple[object, ...]:
    held, due = result.parcel.held, result.next_try
    delivered = result.at if result.outcome.is_delivered else None
    state = DeliveryState.DELIVERED if delivered else DeliveryState.FAILED
    shown = json.dumps(result.entry())
    pending = str(DeliveryState.PENDING)
    return held.row.pk, held.token, pending if due else str(state), due, delivered, shown


def _endpoints(fine: set[uuid.UUID], failing: dict[uuid.UUID, datetime]) -> None:
    """Since when each takes nothing; one that does so for too long is switched off."""
    if fine:
        rows = WebhookEndpoint.objects.filter(pk__in=fine)
        rows.exclude(failing_since=None).update(failing_since=None)
    for id, at in sorted(failing.items()):
        rows = WebhookEndpoint.objects.filter(pk=id)
        rows.filter(failing_since=None).update(failing_since=at)
        if rows.filter(failing_since__lte=at - schedule.PATIENCE).exists():
            endpoints.give_up(id, "Nothing could be delivered to it for five days.")


WRITE_DOWN = """
UPDATE accounts_webhookdelivery AS known
   SET state = result.state, due_at = result.due_at, tries = known.tries + 1,
       delivered_at = coalesce(result.delivered_at, known.delivered_at), lease_until = NULL,
       log = CASE WHEN jsonb_array_length(known.log) < most.kept THEN known.log
                  ELSE known.log - 0 END || jsonb_build_array(result.entry::jsonb)
  FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[],
              %s::text[]) AS result(id, token, state, due_at, delivered_at, entry),
       (SELECT %s AS kept) AS most
 WHERE known.id = result.id AND known.lease_token = result.token
RETURNING known.endpoint_id"""

PUT_BACK = """
UPDATE accounts_webhookdelivery SET lease_until = NULL
 WHERE (id, lease_token) IN (SELECT * FROM unnest(%s::uuid[], %s::bigint[]))"""
