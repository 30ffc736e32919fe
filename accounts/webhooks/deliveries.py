"""Deliveries: asked for, asked for again, stopped."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import events, nudges
from accounts.models import CustomerEvent, DeliveryState, WebhookDelivery, WebhookEndpoint
from accounts.models.webhooks import WebhookDeliveryQuerySet
from accounts.privacy import retention

#: Older events are replayed for nobody, however long a workspace keeps them.
KEPT_FOR = timedelta(days=30)
PRUNED_AT_ONCE = 10_000


class CannotReplay(Exception):
    """There is nowhere to send it: its endpoint is switched off, or gone."""


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

    What is on its way at this moment is left alone.

    :raises CannotReplay:
    """
    url = delivery.url
    if endpoint := delivery.endpoint:
        refuse_closed(endpoint)
        url = endpoint.url
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    WebhookDelivery.objects.filter(free, pk=delivery.pk).update(
        url=url,
        state=DeliveryState.PENDING,
        tries=0,
        due_at=Now(),
        lease_until=None,
        lease_token=F("lease_token") + 1,
    )
    nudges.after_commit(events.DELIVER)


def replay_missing(endpoint: WebhookEndpoint, *, since: datetime) -> int:
    """
    Send every event since then that it wants and did not get. Returns how many.

    :raises CannotReplay:
    """
    refuse_closed(endpoint)
    with connection.cursor() as cursor:
        cursor.execute(REPLAY_MISSING, {"endpoint": endpoint.pk, "since": since})
        (count,) = cursor.fetchone()
    nudges.after_commit(events.DELIVER)
    return int(count)


def refuse_closed(endpoint: WebhookEndpoint) -> None:
    """:raises CannotReplay:"""
    if endpoint.deleted_at:
        raise CannotReplay("Its endpoint was deleted.")
    if endpoint.disabled_at:
        raise CannotReplay("The endpoint is switched off. Enable it first.")


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
     WHERE endpoint.id = %(endpoint)s AND event.created_at >= %(since)s AND event.type <> 'ping'
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
