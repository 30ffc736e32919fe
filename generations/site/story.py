"""The timeline of one clip: what happened to it, and every movement of its money."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from billing import ledger, money
from generations.models import Event, Generation

#: how a movement of money reads; its own event says nothing more
MOVEMENTS = {
    "hold": "set aside for this clip",
    "capture": "charged for the delivered clip",
    "release": "returned to the wallet",
    "refund": "refunded",
}
TOLD_BY_THE_BOOKS = frozenset({"money.captured", "money.refunded"})

#: the first word of an event's type, or the whole type -> how its line is marked
MARKS = {
    "generation.succeeded": "good",
    "generation.failed": "bad",
    "generation.canceled": "bad",
    "clip.not_stored": "odd",
    "attempt.returned": "odd",
    "attempt.unclear": "odd",
}


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line. `amount` (USD text) is set where money moved; `mark` is good, bad, odd or empty; `why`
    says for every route how it stood when one was chosen.
    """

    at: datetime
    text: str
    mark: str = ""
    amount: str = ""
    detail: str = ""
    why: list[str] = field(default_factory=list)


def of(generation: Generation) -> list[Line]:
    """Oldest first; money stands after the event that explains it."""
    events = [_told(event) for event in generation.timeline if event.type not in TOLD_BY_THE_BOOKS]
    moved = [
        Line(
            at=transfer.created_at,
            text=MOVEMENTS.get(transfer.kind, transfer.kind),
            amount=f"${money.usd(transfer.amount)}",
            mark="money",
            detail=transfer.description,
        )
        for transfer in ledger.transfers_of(generation.reference)
    ]
    return sorted([*events, *moved], key=lambda line: line.at)


def _told(event: Event) -> Line:
    detail = ", ".join(str(event.data[name]) for name in ("job", "code") if event.data.get(name))
    return Line(
        at=event.created_at,
        text=event.message,
        mark=MARKS.get(event.type, ""),
        detail=detail,
        why=[_reason(route) for route in event.data.get("routes", [])],
    )


def _reason(route: dict[str, Any]) -> str:
    """One line for each who could have made it: its price, and why it was passed over."""
    return f"{route['provider']}, ${route['price']}: {route.get('reason') or 'ready'}"
