"""Endpoints: made, changed, rotated, switched off."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Now

from accounts import audit, ids, letters, topics
from accounts.audit import REELAY, Actor
from accounts.models import WebhookDelivery, WebhookEndpoint, Workspace
from accounts.models.webhooks import BY_HAND, WebhookEndpointQuerySet
from accounts.webhooks import addresses, deliveries, secrets

MOST = 20


class TooMany(Exception):
    """A workspace has no more than `MOST` endpoints."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint with a secret just made; `text` is shown this once."""

    endpoint: WebhookEndpoint
    text: str


def listed(workspace: Workspace) -> WebhookEndpointQuerySet:
    """Endpoints with `last_success_at`: when something was delivered to each last."""
    sent = WebhookDelivery.objects.filter(endpoint=OuterRef("pk")).exclude(delivered_at=None)
    last = Subquery(sent.order_by("-delivered_at").values("delivered_at")[:1])
    return WebhookEndpoint.objects.for_workspace(workspace).annotate(last_success_at=last)


def find(workspace: Workspace, public_id: str) -> WebhookEndpoint | None:
    """The workspace's own endpoint of this id."""
    key = ids.private("whe", public_id)
    return listed(workspace).filter(pk=key).first() if key else None


@transaction.atomic
def create(
    workspace: Workspace,
    *,
    url: str,
    events: Sequence[str] = (),
    description: str = "",
    by: Actor = REELAY,
) -> NewSecret:
    """
    :raises ForbiddenAddress: if nothing may be sent there.
    :raises TooMany:
    """
    addresses.target(url)
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)  # one after the other
    if WebhookEndpoint.objects.for_workspace(workspace).count() >= MOST:
        raise TooMany(f"A workspace has at most {MOST} endpoints. Delete one.")
    text = secrets.new()
    endpoint = WebhookEndpoint.objects.create(
        workspace=workspace,
        url=url,
        events=list(dict.fromkeys(events)),
        description=description,
        secret=secrets.sealed(text),
    )
    endpoint.refresh_from_db()
    _record(endpoint, by, "created")
    return NewSecret(endpoint, text)


@transaction.atomic
def change(
    endpoint: WebhookEndpoint,
    *,
    enabled: bool | None = None,
    by: Actor = REELAY,
    **changes: object,
) -> None:
    """
    Of url, events and description what is given. What waits follows it to a new address; what
    waits for one that is switched off is stopped.

    :raises ForbiddenAddress: if nothing may be sent there.
    """
    fields = sorted([*changes, *([] if enabled is None else ["enabled"])])
    if url := changes.get("url"):
        addresses.target(str(url))
        deliveries.waiting_for(endpoint.pk).update(url=url)
    if enabled is True:
        changes |= {"disabled_at": None, "disabled_why": "", "failing_since": None}
    if changes:
        _row(endpoint).update(**changes)
    if enabled is False and _switch_off(endpoint.pk, BY_HAND):
        deliveries.stop(endpoint.pk)
    endpoint.refresh_from_db()
    _record(endpoint, by, "changed", fields=fields)


@transaction.atomic
def remove(endpoint: WebhookEndpoint, *, by: Actor = REELAY) -> None:
    """Out of sight; what was sent stays in the log, what waits is stopped."""
    _row(endpoint).update(deleted_at=Now())
    deliveries.stop(endpoint.pk)
    _record(endpoint, by, "deleted")


@transaction.atomic
def rotate(endpoint: WebhookEndpoint, *, now: datetime, by: Actor = REELAY) -> NewSecret:
    """A new secret; the one it had signs too for a day."""
    text = secrets.new()
    _row(endpoint).update(
        previous_secret=F("secret"),
        previous_until=now + secrets.OVERLAP,
        secret=secrets.sealed(text),
    )
    endpoint.refresh_from_db()
    _record(endpoint, by, "rotated")
    return NewSecret(endpoint, text)


def give_up(id: uuid.UUID, why: str) -> bool:
    """
    Switch one off that takes nothing any more, and tell the people who look after it.

    Call it in a transaction. False when somebody else did.
    """
    if not _switch_off(id, why):
        return False
    deliveries.stop(id)
    endpoint = WebhookEndpoint.objects.select_related("workspace").get(pk=id)
    letters.write(
        to=letters.managers_of(endpoint.workspace),
        template="webhook_disabled",
        key=f"webhook-disabled:{id.hex}:{endpoint.disabled_at}",
        context={
            "workspace": endpoint.workspace.name,
            "url": endpoint.url,
            "why": why,
            "endpoint": endpoint.public_id,
        },
    )
    return True


def _row(endpoint: WebhookEndpoint):  # type: ignore[no-untyped-def]
    return WebhookEndpoint.objects.filter(pk=endpoint.pk)


def _switch_off(id: uuid.UUID, why: str) -> bool:
    rows = WebhookEndpoint.objects.filter(pk=id, disabled_at=None, deleted_at=None)
    return bool(rows.update(disabled_at=Now(), disabled_why=why))


def _record(endpoint: WebhookEndpoint, by: Actor, what: str, **data: Any) -> None:
    audit.record(
        workspace=endpoint.workspace,
        by=by,
        action=f"webhook_endpoint.{what}",
        subject=endpoint.public_id,
        **data,
    )


topics.register(
    "webhooks",
    title="A webhook endpoint was switched off",
    words="when it took nothing for days, so that you can mend it",
    templates=["webhook_disabled"],
)
