"""
The life of a generation.

    queued ──► submitting ──► running ──► storing ──► succeeded
      │ ▲          │  │         │  ▲ ▲       │ │
      │ └──────────┘  ▼         ▼  │ └───────┘ │
      │            unknown   overdue           │
      ▼               ▼         ▼              ▼
    canceled        failed    failed         failed      every way down releases the hold

`submitting` exists because of the ugly case: we sent an order and heard nothing. Such a row becomes
`unknown`: it keeps its hold, is never sent again blindly, and is asked about until a deadline.
`overdue` is a job past its soft deadline. `MOVES` is the law; the database keeps it by a trigger.
"""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    QUEUED = "queued"
    SUBMITTING = "submitting"
    RUNNING = "running"
    UNKNOWN = "unknown"
    OVERDUE = "overdue"
    STORING = "storing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELED})
#: At a provider, as far as we know.
UNDER_WAY = frozenset({State.RUNNING, State.UNKNOWN, State.OVERDUE})

#: Takes up one of a provider's places.
IN_FLIGHT = UNDER_WAY | {State.SUBMITTING}

MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.CANCELED, State.FAILED}),
    State.SUBMITTING: frozenset(
        {State.QUEUED, State.RUNNING, State.STORING, State.UNKNOWN, State.FAILED}
    ),
    State.RUNNING: frozenset(
        {State.STORING, State.OVERDUE, State.UNKNOWN, State.QUEUED, State.FAILED, State.CANCELED}
    ),
    State.UNKNOWN: frozenset({State.RUNNING, State.STORING, State.QUEUED, State.FAILED}),
    State.OVERDUE: frozenset({State.STORING, State.FAILED, State.CANCELED}),
    State.STORING: frozenset({State.SUCCEEDED, State.RUNNING, State.FAILED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELED: frozenset(),
}

#: What customers see.
PUBLIC: dict[State, str] = {
    State.QUEUED: "queued",
    State.SUBMITTING: "queued",
    State.RUNNING: "running",
    State.UNKNOWN: "running",
    State.OVERDUE: "running",
    State.STORING: "running",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    State.CANCELED: "canceled",
}

#: The inner word in a customer's terms.
STAGES: dict[State, str] = {
    State.QUEUED: "waiting",
    State.SUBMITTING: "sending",
    State.RUNNING: "rendering",
    State.UNKNOWN: "checking",
    State.OVERDUE: "taking longer than usual",
    State.STORING: "saving",
    State.SUCCEEDED: "done",
    State.FAILED: "failed",
    State.CANCELED: "canceled",
}


def with_public(status: str) -> list[State]:
    """The inner states behind a public word."""
    return [state for state, word in PUBLIC.items() if word == status]
