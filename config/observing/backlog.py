"""What is due and not done yet, loop by loop: cheap queries along the loops' own indexes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

#: loop -> the table, the column that says when, and what else makes a row its work
LOOPS: dict[str, tuple[str, str, str]] = {
    "dispatch": ("generations_generation", "due_at", "state = 'queued'"),
    "look": (
        "generations_generation",
        "due_at",
        "state IN ('submitting', 'running', 'unknown', 'overdue')",
    ),
    "store": ("generations_generation", "due_at", "state = 'storing'"),
    "notify": ("generations_notice", "due_at", "sent_at IS NULL AND given_up_at IS NULL"),
    "webhooks": ("accounts_webhookdelivery", "due_at", "state = 'pending'"),
    "letters": ("accounts_letter", "due_at", "due_at IS NOT NULL"),
    "late": ("generations_attempt", "late_look_at", "late_look_at IS NOT NULL"),
    "balances": ("generations_providerstatus", "balance_due_at", "balance_due_at IS NOT NULL"),
    "draw": ("generations_clip", "poster_due_at", "poster_due_at IS NOT NULL"),
    "stripe_events": ("billing_stripeevent", "due_at", "state = 'received'"),
    "top_ups": ("billing_topup", "due_at", "state = 'open'"),
    "exports": ("accounts_dataexport", "asked_at", "ready_at IS NULL"),
    "erasures": ("accounts_erasure", "due_at", "done_at IS NULL"),
}
#: What is taken up every few minutes or every hour, and may wait as long.
PATIENT = {"exports", "erasures"}
LEASED = {"dispatch", "look", "store", "notify", "webhooks"}

BACKLOG = " UNION ALL ".join(
    f"SELECT '{loop}', count(*), min({due}), "
    + ("count(*) FILTER (WHERE lease_until < statement_timestamp())" if loop in LEASED else "0")
    + f" FROM {table} WHERE ({work}) AND {due} <= statement_timestamp()"
    + (
        " AND (lease_until IS NULL OR lease_until < statement_timestamp())"
        if loop in LEASED
        else ""
    )
    for loop, (table, due, work) in LOOPS.items()
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """One loop: rows that wait for it, how long the oldest of them, and leases that ran out."""

    loop: str
    due: int
    lag: float
    expired: int


def read() -> list[Backlog]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (now,) = cursor.fetchone()
        cursor.execute(BACKLOG)
        return [
            Backlog(loop, due, _age(oldest, now), expired) for loop, due, oldest, expired in cursor
        ]


def _age(moment: datetime | None, now: datetime) -> float:
    return (now - moment).total_seconds() if moment else 0.0
