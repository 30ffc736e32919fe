"""
What signs a webhook: a secret of the endpoint, or the workspace's own for an order's `webhook_url`.

After a rotation the secret before signs too for a day, so that nobody has to change both sides in
the same moment.
"""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from accounts import audit, sealing
from accounts.audit import REELAY, Actor
from accounts.models import WebhookEndpoint, Workspace

OVERLAP = timedelta(hours=24)
OF_ENDPOINT, OF_WORKSPACE = "webhook endpoint", "webhook workspace"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The one in use and the one before; `until` says how long that one signs too."""

    now: str
    before: str = ""
    until: float = 0.0

    def signing(self, at: datetime) -> tuple[str, ...]:
        return (self.now, self.before) if self.before_signs_until(at) else (self.now,)

    def before_signs_until(self, at: datetime) -> datetime | None:
        """None where it signs no more, or there is none."""
        both = self.before and at.timestamp() < self.until
        return datetime.fromtimestamp(self.until, UTC) if both else None

    def rotated(self, at: datetime) -> Secrets:
        return Secrets(now=new(), before=self.now, until=(at + OVERLAP).timestamp())


def new() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def sealed(secret: str) -> str:
    return sealing.seal(secret, purpose=OF_ENDPOINT)


def of_endpoint(endpoint: WebhookEndpoint, at: datetime) -> tuple[str, ...]:
    """What signs for it. Raises sealing.CannotOpen."""
    both = endpoint.previous_until and at < endpoint.previous_until
    kept = (endpoint.secret, endpoint.previous_secret) if both else (endpoint.secret,)
    return tuple(sealing.opened(one, purpose=OF_ENDPOINT) for one in kept)


def of_workspace(workspace_id: uuid.UUID) -> Secrets:
    """The default secrets; made when they are first needed. Raises sealing.CannotOpen."""
    rows = Workspace.objects.filter(pk=workspace_id)
    kept = rows.values_list("webhook_secret", flat=True)
    if not kept.get():
        rows.filter(webhook_secret="").update(webhook_secret=_closed(Secrets(new())))
    return Secrets(**json.loads(sealing.opened(kept.get(), purpose=OF_WORKSPACE)))


@transaction.atomic
def rotate_of_workspace(workspace_id: uuid.UUID, *, now: datetime, by: Actor = REELAY) -> Secrets:
    row = Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    fresh = of_workspace(row.pk).rotated(now)
    Workspace.objects.filter(pk=row.pk).update(webhook_secret=_closed(fresh))
    audit.record(workspace=row, by=by, action="webhook_secret.rotated", subject=row.public_id)
    return fresh


def _closed(both: Secrets) -> str:
    return sealing.seal(json.dumps(asdict(both)), purpose=OF_WORKSPACE)
