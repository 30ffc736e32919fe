"""What people ask us to do with what we know about them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models.people import User


class DataExport(models.Model):
    """A copy of one's data: asked for, made, kept in storage until it expires, for its owner."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="exports")
    name = models.CharField(max_length=200, blank=True, help_text="in storage")
    bytes = models.PositiveBigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ready_at=None), name="data_export_one_under_way"
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return ids.public("exp", self.id)


class Erasure(models.Model):
    """
    An account that is closed and will be forgotten at `due_at`; until then its owner may return.

    `gives_up` says that what is left in the wallet is to go to the house. The row outlives its
    work, as the proof of it.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="erasure")
    gives_up = models.BooleanField(default=False)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    obstacle = models.CharField(
        max_length=500, blank=True, help_text="Why it could not be done when it was due."
    )

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="erasure_due", condition=Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return f"erasure of {self.user_id}"
