"""
The one way to change a generation's state: a conditional UPDATE. One row touched means "mine".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from generations.models import Event, Generation
from generations.states import FINAL, MOVES, State


def move(
    generation: Generation,
    *,
    to: State,
    token: int | None = None,
    source: State | None = None,
    **changes: Any,
) -> bool:
    """
    Move it from the state we saw it in (or `source`), and let go of its lease.

    False when somebody else was faster or the lease was lost: then nothing is changed.

    :param token: the lease token of the claim that acts; None where anybody may act.
    """
    seen = source or State(generation.state)
    if to not in MOVES[seen]:
        raise ValueError(f"a generation never goes from {seen} to {to}")
    if to in FINAL:
        changes["finished_at"] = Now()
    changes.setdefault("lease_until", None)
    changed = _write(generation, seen, token, state=to, state_since=Now(), **changes)
    if changed:
        generation.state = to
    return changed


def stay(generation: Generation, *, token: int, **changes: Any) -> bool:
    """Write down something about it without moving it, and let go of its lease."""
    changes.setdefault("lease_until", None)
    return _write(generation, State(generation.state), token, **changes)


def next_look(claimed_at: datetime, wait: timedelta) -> Combinable:
    """When to look again: after `wait`, or at once if somebody knocked since we took it up."""
    return Case(When(knocked_at__gt=claimed_at, then=Now()), default=Now() + Value(wait))


def record(generation: Generation, type: str, message: str, **data: Any) -> Event:
    """One line on the timeline."""
    return Event.objects.create(generation=generation, type=type, message=message[:500], data=data)


def _write(generation: Generation, seen: State, token: int | None, **changes: Any) -> bool:
    rows = Generation.objects.filter(pk=generation.pk, state=seen)
    if token is not None:
        rows = rows.filter(lease_token=token)
    else:  # whoever has it in hand has it no longer
        changes.setdefault("lease_token", F("lease_token") + 1)
    return rows.update(**changes) == 1
