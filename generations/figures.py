"""Adds up the orders of a day, along their ids: a UUIDv7 begins with the time it was made."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

TOOK = "extract(epoch FROM g.finished_at - g.created_at)"
REFRESH = f"""
DELETE FROM generations_dailyfigures WHERE day = %(day)s;
WITH costs AS (
    SELECT a.generation_id AS id,
           sum(CASE WHEN c.debit = 'cost' THEN c.amount
                    WHEN c.credit = 'cost' THEN -c.amount ELSE 0 END) AS amount
      FROM generations_attempt a
      JOIN billing_cost c ON c.reference = 'attempt:' || replace(a.id::text, '-', '')
     WHERE a.id >= %(first)s AND a.id < %(after)s GROUP BY 1)
INSERT INTO generations_dailyfigures (day, provider, sku, orders, succeeded, failed, canceled,
                                      revenue, cost, median, slowest)
SELECT %(day)s, g.provider, g.sku, count(*),
       count(*) FILTER (WHERE g.state = 'succeeded'), count(*) FILTER (WHERE g.state = 'failed'),
       count(*) FILTER (WHERE g.state = 'canceled'),
       sum(g.charged - g.refunded), coalesce(sum(costs.amount), 0),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY {TOOK})
           FILTER (WHERE g.state = 'succeeded'),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY {TOOK})
           FILTER (WHERE g.state = 'succeeded')
  FROM generations_generation g LEFT JOIN costs ON costs.id = g.id
 WHERE g.id >= %(first)s AND g.id < %(last)s GROUP BY g.provider, g.sku
"""


@transaction.atomic
def refresh(day: date) -> None:
    """What is true of that day's orders by now. Two who do it at once take turns."""
    start = datetime.combine(day, time(), UTC)
    parameters: dict[str, date | uuid.UUID] = {
        "day": day,
        "first": _least_id(start),
        "last": _least_id(start + timedelta(days=1)),
        "after": _least_id(start + timedelta(days=2)),  # attempts follow their orders
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reelay.figures'))")
        for statement in REFRESH.split(";", 1):
            cursor.execute(statement, parameters)


def refresh_last(days: int, *, now: datetime) -> None:
    for back in range(days):
        refresh(now.astimezone(UTC).date() - timedelta(days=back))


def _least_id(moment: datetime) -> uuid.UUID:
    """No id made since is smaller."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
