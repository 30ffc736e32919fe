"""What happened, for the programs of customers: webhooks and streams tell it."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models.people import Workspace


class CurrentTransaction(Func):
    """The number of the transaction that writes the row; PostgreSQL hands them out in order."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()

    def __init__(self) -> None:
        super().__init__()


class CustomerEvent(models.Model):
    """
    One event of a workspace, written in the transaction of what it tells, and never changed.

    `subject` names what it is about, opaque to this app: `generation:<hex>`, or nothing where the
    whole of it stands in `data`. Read in the order of (`position`, `id`) and only up to the oldest
    transaction still under way, nobody who reads on from one event misses another that was written
    earlier and committed later.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="events")
    type = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict, blank=True)
    position = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "type"], condition=~Q(subject=""), name="customer_event_once"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "position", "id"], name="customer_event_stream"),
            models.Index(fields=["created_at"], name="customer_event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}".strip()

    @property
    def public_id(self) -> str:
        return ids.public("evt", self.id)
