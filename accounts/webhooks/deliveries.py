"""Deliveries: asked for, asked for again, stopped."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import events, ids, nudges
from accounts.models import (
    CustomerEvent,
    DeliveryState,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from accounts.models.webhooks import WebhookDeliveryQuerySet
from accounts.privacy import retention

#: Older events are replayed for nobody, however long a workspace keeps them.
KEPT_FOR = timedelta(days=30)
PRUNED_AT_ONCE = 10_000


class CannotReplay(Exception):
    """There is nowhere to send it: its endpoint is switched off, or gone."""


class UnderWay(Exception):
    """It is being sent at this moment: what comes of it will be known in seconds."""


def find(workspace: Workspace, public_id: str) -> WebhookDelivery | None:
    """The workspace's own delivery of this id, with its event and endpoint."""
    key = ids.private("whd", public_id)
    rows = WebhookDelivery.objects.for_workspace(workspace).select_related("event", "endpoint")
    return rows.filter(pk=key).first() if key else None


@transaction.atomic
def ping(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """One event for this endpoint alone, tried once."""
    event = CustomerEvent.objects.create(
        workspace_id=endpoint.workspace_id,
        type=events.PING,
        data={"endpoint": endpoint.public_id},
    )
    delivery = WebhookDelivery.objects.create(
        workspace_id=endpoint.workspace_id, event=event, endpoint=endpoint, url=endpoint.url
    )
    nudges.after_commit(events.DELIVER)
    return WebhookDelivery.objects.select_related("event").get(pk=delivery.pk)


def replay(delivery: WebhookDelivery) -> None:
    """
    Send it once more, under the same id, and begin its schedule anew.

    :raises CannotReplay:
    :raises UnderWay: nothing was changed.
    """
    _refuse_closed(delivery.endpoint)
    url = delivery.endpoint.url if delivery.endpoint else delivery.url
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    begun = WebhookDelivery.objects.filter(free, pk=delivery.pk).update(
        url=url,
        state=DeliveryState.PENDING,
        tries=0,
        due_at=Now(),
        lease_until=None,
        lease_token=F("lease_token") + 1,
    )
    if not begun:
        raise UnderWay("It is being sent at this moment. See what comes of it first.")
    nudges.after_commit(events.DELIVER)


def replay_missing(endpoint: WebhookEndpoint, *, since: datetime | None = None) -> int:
    """
    Send every event that it wants and did not get. Returns how many; what is being sent at this
    moment is not among them.

    :param since: from when on, at the earliest as long ago as events are kept.
    :raises CannotReplay:
    """
    _refuse_closed(endpoint)
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"endpoint": endpoint.pk, "since": since, "kept_for": KEPT_FOR}
        cursor.execute(REPLAY_MISSING, asked)
        (count,) = cursor.fetchone()
    nudges.after_commit(events.DELIVER)
    return int(count)


def why_closed(endpoint: WebhookEndpoint | None) -> str:
    """Why nothing can be sent to it; "" where it can."""
    if endpoint and endpoint.deleted_at:
        return "Its endpoint was deleted."
    if endpoint and endpoint.disabled_at:
        return "The endpoint is switched off. Enable it first."
    return ""


def _refuse_closed(endpoint: WebhookEndpoint | None) -> None:
    """:raises CannotReplay:"""
    if why := why_closed(endpoint):
        raise CannotReplay(why)


def waiting_for(endpoint: uuid.UUID) -> WebhookDeliveryQuerySet:
    return WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.PENDING)


def stop(endpoint: uuid.UUID) -> None:
    """Nothing that waits is sent any more; whoever has one in hand has it no longer."""
    waiting_for(endpoint).update(
        state=DeliveryState.FAILED,
        due_at=None,
        lease_until=None,
        lease_token=F("lease_token") + 1,
    )


def prune(*, now: datetime) -> int:
    """Forget events, with their deliveries, that nobody may ask for any more."""
    some: list[uuid.UUID] = []
    for workspaces, before in retention.cutoffs("logs", now):
        old = CustomerEvent.objects.filter(**workspaces, created_at__lt=before)
        some += old.order_by("created_at").values_list("pk", flat=True)[:PRUNED_AT_ONCE]
    WebhookDelivery.objects.filter(event__in=some).delete()
    CustomerEvent.objects.filter(pk__in=some).delete()
    return len(some)


REPLAY_MISSING = """
WITH wanted AS (
    SELECT event.id AS event_id, endpoint.id AS endpoint_id, endpoint.workspace_id, endpoint.url
      FROM accounts_webhookendpoint AS endpoint
      JOIN accounts_customerevent AS event USING (workspace_id)
     WHERE endpoint.id = %(endpoint)s AND event.type <> 'ping'
       AND event.created_at >= greatest(%(since)s::timestamptz, now() - %(kept_for)s)
       AND (endpoint.events = '{}' OR event.type = ANY (endpoint.events))
), due AS (
    INSERT INTO accounts_webhookdelivery AS known
           (id, workspace_id, event_id, endpoint_id, url)
    SELECT accounts_uuid7(), workspace_id, event_id, endpoint_id, url FROM wanted
        ON CONFLICT (event_id, endpoint_id) WHERE endpoint_id IS NOT NULL
        DO UPDATE SET state = 'pending', tries = 0, due_at = now(), url = excluded.url,
                      lease_until = NULL, lease_token = known.lease_token + 1
     WHERE known.state <> 'delivered'
       AND (known.lease_until IS NULL OR known.lease_until < now())
    RETURNING 1
)
SELECT count(*) FROM due"""
