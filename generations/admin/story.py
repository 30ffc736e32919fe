"""What the page about one generation shows: everything, in the order it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from accounts.models import AuditEntry, Proposal, ProposalState, WebhookDelivery
from billing import ledger, money
from generations.models import Generation
from generations.staff import again
from generations.staff.acts import ACTS, Act


@dataclass(frozen=True, slots=True)
class Button:
    """An act as this person sees it; `why_not` says why it cannot be pressed."""

    act: Act
    why_not: str


def of(request: HttpRequest, one: Generation) -> dict[str, Any]:
    """For the template."""
    return {
        "one": one,
        "quoted": money.usd(one.quoted),
        "charged": money.usd(one.charged),
        "refunded": money.usd(one.refunded),
        "buttons": list(_buttons(request, one)),
        "providers": [route.provider for route in again.choices(one)],
        "lines": _lines(one),
        "attempts": [
            (attempt, _pretty(attempt.raw)) for attempt in one.attempts.order_by("number")
        ],
        "knocks": [knock for attempt in one.attempts.all() for knock in attempt.knocks.all()],
        "notices": one.notices.order_by("id"),
        "deliveries": WebhookDelivery.objects.filter(event__subject=one.reference)
        .select_related("event")
        .order_by("id"),
        "retries": one.retries.order_by("id"),
        "proposals": _proposals(request, one),
    }


def _buttons(request: HttpRequest, one: Generation) -> Iterator[Button]:
    for act in ACTS.values():
        may = request.user.has_perm(act.permission)
        yield Button(act, act.obstacle(one) if may else f"It takes {act.permission}.")


def _lines(one: Generation) -> list[dict[str, Any]]:
    """Events, movements of money and what staff did, on one line of time."""
    told = [
        {
            "at": event.created_at,
            "what": event.type,
            "text": event.message,
            "data": _plain(event.data),
        }
        for event in one.timeline
    ]
    moved = [
        {
            "at": transfer.created_at,
            "what": f"{transfer.debit} → {transfer.credit}",
            "text": f"{transfer.kind}: {transfer.description}",
            "amount": money.usd(transfer.amount),
            "data": f"by {transfer.actor}" if transfer.actor else "",
        }
        for transfer in ledger.transfers_of(one.reference)
    ]
    return sorted([*told, *moved, *_acts(one)], key=lambda line: line["at"])


def _acts(one: Generation) -> list[dict[str, Any]]:
    """Who did what and why: entries are younger than the order, and ids begin with the time."""
    rows = AuditEntry.objects.filter(workspace=one.workspace_id, id__gt=one.pk)
    return [
        {
            "at": entry.created_at,
            "what": entry.action,
            "text": entry.data.get("reason", ""),
            "data": f"by {entry.actor}",
        }
        for entry in rows.filter(subject=one.public_id).order_by("id")
    ]


def _proposals(request: HttpRequest, one: Generation) -> list[tuple[Proposal, str]]:
    """What waits for a second person, with its amount."""
    if not request.user.has_perm("accounts.view_proposal"):
        return []
    open_ = Proposal.objects.filter(subject=one.public_id, state=ProposalState.OPEN)
    return [(row, money.usd(row.amount)) for row in open_.select_related("proposed_by")]


def _plain(value: Any) -> str:
    """What an event says of itself, in a line."""
    if isinstance(value, dict):
        named = [f"{name} {_plain(one)}" for name, one in value.items() if one not in (None, "")]
        return ", ".join(named)
    if isinstance(value, list):
        return " · ".join(map(_plain, value))
    return str(value)


def _pretty(raw: Any) -> str:
    return json.dumps(raw, indent=1, ensure_ascii=False) if raw else ""
