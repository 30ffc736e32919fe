"""
The one way to change a generation's state: a conditional UPDATE. One row touched means "mine".
"""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from accounts import events
from generations.models import Event, Generation
from generations.states import FINAL, MOVES, PUBLIC, State

#: States that programs of customers hear of; coming back to the queue is none of them.
TOLD = frozenset({"running", "succeeded", "failed", "canceled"})


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
        if PUBLIC[to] != PUBLIC[seen] and PUBLIC[to] in TOLD:
            tell(generation)
    return changed


def tell(generation: Generation) -> None:
    """Its customer's programs hear of the state it is in."""
    events.tell(
        workspace_id=generation.workspace_id,
        type=f"generation.{generation.status}",
        subject=generation.reference,
        url=generation.webhook_url,
    )


def stay(generation: Generation, *, token: int, **changes: Any) -> bool:
    """Write down something about it without moving it, and let go of its lease."""
    changes.setdefault("lease_until", None)
    return _write(generation, State(generation.state), token, **changes)


def record(generation: Generation, type: str, message: str, **data: Any) -> Event:
    """One line on the timeline."""
    return Event.objects.create(generation=generation, type=type, message=message[:500], data=data)


def plain(raw: Any) -> Any:
    """As JSON can hold it: decimals of a provider's answer become text."""
    if isinstance(raw, dict) or hasattr(raw, "items"):
        return {str(key): plain(value) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [plain(value) for value in raw]
    if isinstance(raw, str):
        return raw.replace("\x00", "")
    return raw if isinstance(raw, int | bool | type(None)) else str(raw)


def _write(generation: Generation, seen: State, token: int | None, **changes: Any) -> bool:
    rows = Generation.objects.filter(pk=generation.pk, state=seen)
    if token is not None:
        rows = rows.filter(lease_token=token)
    else:  # whoever has it in hand has it no longer
        changes.setdefault("lease_token", F("lease_token") + 1)
    return rows.update(**changes) == 1
