"""E-mails that are owed to somebody."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts import ids


class Letter(models.Model):
    """
    One e-mail that is owed to somebody: written in the transaction of what it tells, sent later.

    `key` says what it is for, so it is written once however often that happens.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField(max_length=254)
    template = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="letter_due", condition=models.Q(due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to}"
