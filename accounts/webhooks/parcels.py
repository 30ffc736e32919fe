"""What is sent: the event as bytes, and what signs it."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook

from accounts import events, sealing
from accounts.claims import Claim
from accounts.models import CustomerEvent, WebhookDelivery, WebhookEndpoint
from accounts.webhooks import secrets

logger = logging.getLogger(__name__)

Held = Claim[WebhookDelivery]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery in hand, ready to be sent; `trouble` says why it is not."""

    held: Held
    event_id: str
    is_ping: bool
    body: str = ""
    secrets: tuple[str, ...] = ()
    trouble: str = ""

    def headers(self, at: datetime) -> dict[str, str]:
        """Signed at the moment of sending; the id is the event's, the same at every try."""
        signed = [Webhook(one).sign(self.event_id, at, self.body) for one in self.secrets]
        return {
            "webhook-id": self.event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signed),
            "content-type": "application/json",
            "user-agent": "Reelay-Webhooks/1",
            "accept-encoding": "identity",
        }


def packed(held: Sequence[Held]) -> list[Parcel]:
    """Everything that is needed to send them, in a few queries for all."""
    told = CustomerEvent.objects.in_bulk([one.row.event_id for one in held])
    bodies = _bodies(list(told.values()))
    endpoints = WebhookEndpoint.objects.in_bulk({one.row.endpoint_id for one in held} - {None})
    defaults: dict[uuid.UUID, secrets.Secrets] = {}
    return [
        _parcel(one, told[one.row.event_id], bodies, endpoints, defaults)
        for one in held
        if one.row.event_id in told
    ]


def _parcel(
    held: Held,
    event: CustomerEvent,
    bodies: Mapping[uuid.UUID, str],
    endpoints: Mapping[uuid.UUID, WebhookEndpoint],
    defaults: dict[uuid.UUID, secrets.Secrets],
) -> Parcel:
    is_ping = event.type == events.PING
    if event.id not in bodies:
        return Parcel(held, event.public_id, is_ping, trouble="We could not write it down.")
    try:
        signing = _signing(held, endpoints, defaults)
    except sealing.CannotOpen:
        logger.exception("A webhook cannot be signed")
        return Parcel(held, event.public_id, is_ping, trouble="We could not sign it.")
    return Parcel(held, event.public_id, is_ping, bodies[event.id], signing)


def _signing(
    held: Held,
    endpoints: Mapping[uuid.UUID, WebhookEndpoint],
    defaults: dict[uuid.UUID, secrets.Secrets],
) -> tuple[str, ...]:
    if held.row.endpoint_id:
        return secrets.of_endpoint(endpoints[held.row.endpoint_id], held.now)
    workspace = held.row.workspace_id
    if workspace not in defaults:
        defaults[workspace] = secrets.of_workspace(workspace)
    return defaults[workspace].signing(held.now)


def _bodies(told: Sequence[CustomerEvent]) -> dict[uuid.UUID, str]:
    """One that cannot be shown holds up none of the others."""
    try:
        shown = events.described(told)
    except Exception:
        logger.exception("An event cannot be shown")
        if len(told) == 1:
            return {}
        return {id: body for one in told for id, body in _bodies([one]).items()}
    return {id: _written(data) for id, data in shown.items()}


def _written(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
