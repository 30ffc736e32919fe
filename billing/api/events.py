"""What the events about money show; registered with `accounts.events`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts import events
from accounts.models import CustomerEvent
from billing.api import present, shapes
from billing.models import TopUp, Transfer

Shown = Mapping[uuid.UUID, dict[str, Any]]


def deposits(told: Sequence[CustomerEvent]) -> Shown:
    """Money that came in, and the payment that brought it; none where it came from staff."""
    moves = Transfer.objects.in_bulk([_id(one.subject) for one in told])
    paid = _top_ups(one.reference for one in moves.values())
    return {
        one.id: {
            "transaction": present.transaction(moved),
            "top_up": present.top_up(paid[moved.reference]) if moved.reference in paid else None,
        }
        for one in told
        if (moved := moves.get(_id(one.subject)))
    }


def failures(told: Sequence[CustomerEvent]) -> Shown:
    """
    An automatic top-up as it was when the card was declined: should the money have come after
    all, another event says so.
    """
    failed = _top_ups(one.subject for one in told)
    return {
        one.id: {
            "top_up": present.top_up(failed[one.subject])
            | {"status": "failed", "receipt_url": None, "error": one.data["error"]},
            "reason": one.data["reason"],
            "switched_off": one.data["switched_off"],
        }
        for one in told
        if one.subject in failed
    }


def _top_ups(references: Iterable[str]) -> dict[str, TopUp]:
    """By reference; those that are none of a top-up are left out."""
    named = [_id(one) for one in references if one.startswith("top-up:")]
    return {one.reference: one for one in TopUp.objects.filter(pk__in=named)}


def _id(subject: str) -> uuid.UUID:
    """Of a name such as `top-up:<32 hex digits>`."""
    return uuid.UUID(hex=subject.partition(":")[2])


events.describes("deposit", deposits)
events.describes("top-up", failures)

#: What each event shows, for OpenAPI.
EXAMPLES: dict[str, dict[str, Any]] = {
    "wallet.low": {"available": "4.72", "threshold": "5.00", "currency": "USD"},
    "wallet.spend_warning": {
        "subject": "key_019aa5c4b1ef7d2c9a1b3c4d5e6f7081",
        "limit": "key per month",
        "amount": "50.00",
        "spent": "40.04",
        "remaining": "9.96",
        "resets_at": "2026-12-01T00:00:00.000Z",
        "currency": "USD",
    },
    "wallet.topped_up": {"transaction": shapes.DEPOSIT, "top_up": shapes.PAID_TOP_UP},
    "wallet.auto_top_up_failed": {
        "top_up": shapes.FAILED_TOP_UP,
        "reason": "insufficient_funds",
        "switched_off": False,
    },
}
