"""Webhook endpoints and deliveries, as the API shows them and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from accounts import events, ids
from accounts.api.fields import Boolean, Moment, Strict, Text
from accounts.api.pagination import PageQuery
from accounts.api.schema import fixed, list_shape, public_id, word
from accounts.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from accounts.moments import moment

EVENTS = serializers.ListField(
    child=serializers.ChoiceField(choices=list(events.TYPES)),
    required=False,
    max_length=len(events.TYPES),
    help_text="Left out or empty: all of them.",
)


class EndpointBody(Strict):
    """Where events go, and which."""

    url = Text(min_length=1, max_length=2048, help_text="https://…, reachable from the Internet.")
    events = EVENTS
    description = Text(required=False, max_length=200, allow_blank=True)


class EndpointChange(Strict):
    """What is left out stays as it is."""

    url = Text(required=False, min_length=1, max_length=2048)
    events = EVENTS
    description = Text(required=False, max_length=200, allow_blank=True)
    enabled = Boolean(required=False)


class MissingBody(Strict):
    """From when on: at most 30 days ago, which is where it begins when nothing is said."""

    since = Moment(required=False)


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    endpoint = Text(required=False, max_length=40)
    event = Text(required=False, max_length=40)
    state = serializers.ChoiceField(choices=DeliveryState.choices, required=False)


class EndpointSerializer(serializers.Serializer[Any]):
    """An address of yours that hears of events."""

    id = public_id("whe")
    object = fixed("webhook_endpoint")
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField(), help_text="Empty: all of them.")
    description = serializers.CharField()
    enabled = serializers.BooleanField()
    disabled_reason = serializers.CharField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    previous_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before the last rotation signs, too."
    )
    created_at = serializers.DateTimeField()


class NewEndpointSerializer(EndpointSerializer):
    """An endpoint with its secret, told this once."""

    secret = serializers.CharField(allow_null=True, help_text="Null in a repeated answer.")


class TrySerializer(serializers.Serializer[Any]):
    """One try."""

    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True, help_text="Null: there was no answer.")
    ms = serializers.IntegerField(help_text="Milliseconds.")
    error = serializers.CharField(allow_null=True)
    body = serializers.CharField(allow_null=True, help_text="The beginning of your answer.")


class DeliverySerializer(serializers.Serializer[Any]):
    """One event on its way to one address."""

    id = public_id("whd")
    object = fixed("webhook_delivery")
    event = public_id("evt", help_text="Sent as `webhook-id`, the same at every try.")
    type = serializers.CharField()
    endpoint = public_id("whe", allow_null=True, help_text="Null: an order's own `webhook_url`.")
    url = serializers.CharField()
    state = word(*DeliveryState.values)
    tries = serializers.IntegerField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    log = TrySerializer(many=True)


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many deliveries are due again."""

    object = fixed("webhook_replay")
    count = serializers.IntegerField()


class SecretSerializer(serializers.Serializer[Any]):
    """What signs the events that go to an order's own `webhook_url`."""

    object = fixed("webhook_secret")
    secret = serializers.CharField(allow_null=True)


EndpointListSerializer = list_shape("WebhookEndpointList", EndpointSerializer)
DeliveryListSerializer = list_shape("WebhookDeliveryList", DeliverySerializer)


def endpoint(row: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "object": "webhook_endpoint",
        "url": row.url,
        "events": row.events,
        "description": row.description,
        "enabled": row.disabled_at is None,
        "disabled_reason": row.disabled_why or None,
        "failing_since": moment(row.failing_since),
        "previous_secret_until": moment(row.previous_until),
        "created_at": moment(row.created_at),
    }


def delivery(row: WebhookDelivery) -> dict[str, Any]:
    waits: datetime | None = row.due_at if row.state == DeliveryState.PENDING else None
    return {
        "id": row.public_id,
        "object": "webhook_delivery",
        "event": row.event.public_id,
        "type": row.event.type,
        "endpoint": ids.public("whe", row.endpoint_id) if row.endpoint_id else None,
        "url": row.url,
        "state": row.state,
        "tries": row.tries,
        "next_try_at": moment(waits),
        "delivered_at": moment(row.delivered_at),
        "created_at": moment(row.created_at),
        "log": row.log,
    }


ENDPOINT = {
    "id": "whe_019aa5c4b1f07c3e8f5d2a6b9c0d1e2f",
    "object": "webhook_endpoint",
    "url": "https://customer.example/hooks/reelay",
    "events": ["generation.succeeded", "generation.failed"],
    "description": "Our render queue",
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
    "previous_secret_until": None,
    "created_at": "2026-11-21T09:30:00.000Z",
}
NEW_ENDPOINT = {**ENDPOINT, "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazKvpIHzVbg="}
DELIVERY = {
    "id": "whd_019aa5c4b1f07c3e8f5d2a6b9c0d1e30",
    "object": "webhook_delivery",
    "event": "evt_019aa5c4b1f07c3e8f5d2a6b9c0d1e31",
    "type": "generation.succeeded",
    "endpoint": "whe_019aa5c4b1f07c3e8f5d2a6b9c0d1e2f",
    "url": "https://customer.example/hooks/reelay",
    "state": "delivered",
    "tries": 1,
    "next_try_at": None,
    "delivered_at": "2026-11-21T09:31:42.000Z",
    "created_at": "2026-11-21T09:31:41.000Z",
    "log": [
        {
            "at": "2026-11-21T09:31:42.000Z",
            "status": 204,
            "ms": 87,
            "error": None,
            "body": None,
        }
    ],
}
SECRET = {
    "object": "webhook_secret",
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazKvpIHzVbg=",
}
