"""Requests that are answered once."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from accounts.models.people import Workspace


class IdempotencyRecord(models.Model):
    """
    One answered POST of one workspace, so that asking twice does it once.

    The row is written in the transaction of what the request did. `scope` is method and path,
    `fingerprint` the SHA-256 of the canonical body; the answer is kept for 30 days, `reference`
    (what the request made) for ever.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField(null=True)
    reference = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "scope", "key"], name="idempotency_once")
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="idempotency_by_age",
                condition=models.Q(answer__isnull=False),  # the others have nothing to lose
            ),
            models.Index(fields=["key"], name="idempotency_by_key"),  # staff search by it
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
