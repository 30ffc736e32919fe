"""Where customers want to be told, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Cast, Concat, Now

from accounts import ids
from accounts.models.events import CustomerEvent
from accounts.models.people import Workspace

#: Why one is off that its own people switched off.
BY_HAND = "Switched off."


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def for_workspace(self, workspace: Workspace) -> WebhookEndpointQuerySet:
        return self.filter(workspace=workspace, deleted_at=None)


class WebhookEndpoint(models.Model):
    """
    An address of a customer's that hears of events; no `events` means all of them.

    Its secret signs (Standard Webhooks); it is stored sealed, as we need it in plain to sign. The
    one before it signs too until `previous_until`.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=2048)
    description = models.CharField(max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_why = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["workspace"],
                name="webhook_endpoint_open",
                condition=Q(disabled_at=None, deleted_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def public_id(self) -> str:
        return ids.public("whe", self.id)

    @property
    def is_off_by_hand(self) -> bool:
        return self.disabled_at is not None and self.disabled_why == BY_HAND


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up, or its endpoint is gone


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def for_workspace(self, workspace: Workspace) -> WebhookDeliveryQuerySet:
        return self.filter(workspace=workspace)


@dataclass(frozen=True, slots=True)
class Try:
    """One try; `status` is None where nobody answered, `error` says why then."""

    at: datetime
    status: int | None
    ms: int
    error: str | None
    body: str | None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class WebhookDelivery(models.Model):
    """
    One event on its way to one address: an endpoint's, or the one that an order named (`url`).

    Written with the event. The row says when it is tried next; `log` holds every try with its
    time, status, milliseconds and the beginning of the answer. What goes to one address of one
    workspace goes down one `lane`, a few at a time.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="webhook_deliveries")
    event = models.ForeignKey(CustomerEvent, models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    url = models.CharField(max_length=2048)
    lane = models.GeneratedField(
        expression=MD5(Concat(Cast("workspace_id", models.TextField()), F("url"))),
        output_field=models.CharField(max_length=32),
        db_persist=True,
    )
    state = models.CharField(
        max_length=9,
        choices=DeliveryState,
        default=DeliveryState.PENDING,
        db_default=DeliveryState.PENDING,
    )
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    log = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), blank=True
    )
    due_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.BigIntegerField(default=0, db_default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        permissions = [("replay_webhookdelivery", "Can send a webhook delivery again")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="webhook_delivery_state"
            ),
            models.UniqueConstraint(
                fields=["event", "endpoint"],
                condition=~Q(endpoint=None),
                name="webhook_delivery_once",
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(endpoint=None),
                name="webhook_delivery_once_by_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="webhook_delivery_due", condition=Q(state="pending")
            ),
            models.Index(
                fields=["lane", "due_at"],
                name="webhook_delivery_lane",
                condition=Q(state="pending"),
            ),
            models.Index(
                fields=["lane"], name="webhook_delivery_in_hand", condition=~Q(lease_until=None)
            ),
            models.Index(fields=["workspace", "-id"], name="webhook_delivery_log"),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_of"),
            models.Index(
                fields=["endpoint", "-delivered_at"],
                name="webhook_delivery_success",
                condition=~Q(delivered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.url}"

    @property
    def public_id(self) -> str:
        return ids.public("whd", self.id)

    @property
    def written_tries(self) -> list[Try]:
        """What the log holds, oldest first; after a replay that is more than `tries`."""
        return [Try(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in self.log]

    @property
    def last_try(self) -> Try | None:
        return self.written_tries[-1] if self.log else None
