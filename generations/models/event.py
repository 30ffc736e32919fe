"""What happened, for people to read, and whom to tell."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from generations.models.generation import Generation


class Event(models.Model):
    """One line of a generation's timeline, written in the transaction of what it tells."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="events")
    type = models.CharField(max_length=40)
    message = models.CharField(max_length=500)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["generation", "id"], name="event_of_generation")]

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


class Notice(models.Model):
    """
    Something to tell a customer, written in the transaction that made it true.

    The notify loop delivers it at least once, or leaves it here with `given_up_at` set.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="notices")
    type = models.CharField(max_length=40)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "type"], name="notice_once")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="notice_due",
                condition=Q(sent_at=None, given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.generation_id}"
