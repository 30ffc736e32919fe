"""How a generation was tried, and the webhooks that spoke of it."""

from __future__ import annotations

import hashlib
import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from generations.models.generation import Generation


class AttemptState(models.TextChoices):
    OPEN = "open"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETURNED = "returned"  # certainly not accepted: the generation went back to the queue
    ABANDONED = "abandoned"  # its fate was still unknown at the deadline


class Attempt(models.Model):
    """
    One submission to one provider, written before the first byte is sent.

    `price`, `cost` (the table's, as frozen) and `reported_cost` (theirs) are micro-dollars.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.OPEN)
    job_id = models.CharField(max_length=200, blank=True, help_text="The provider's name for it.")
    price = models.BigIntegerField()
    cost = models.BigIntegerField()
    reported_cost = models.BigIntegerField(null=True, blank=True)
    result_url = models.TextField(blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    looks = models.PositiveIntegerField(default=0)
    store_tries = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    raw = models.JSONField(default=dict, blank=True, help_text="Their last answer, for staff.")
    submitted_at = models.DateTimeField(db_default=Now())
    accepted_at = models.DateTimeField(null=True, blank=True)
    rendered_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "number"], name="attempt_numbered"),
            models.UniqueConstraint(
                fields=["generation"],
                condition=Q(state=AttemptState.OPEN),
                name="attempt_one_open",
            ),
            models.UniqueConstraint(
                fields=["provider", "job_id"],
                condition=~Q(job_id=""),
                name="attempt_owns_its_job",
            ),
        ]
        indexes = [
            # What a provider usually takes, learned from the last ones.
            models.Index(
                fields=["provider", "-rendered_at"],
                name="attempt_rendered",
                condition=~Q(rendered_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} #{self.number} at {self.provider}"

    @property
    def token(self) -> uuid.UUID:
        """
        Our name for it at the provider: the same for every sending, shaped as a UUIDv4.

        Providers want version 4 (seed 002); ours carry a time, so this is a digest of ours.
        """
        digest = hashlib.sha256(b"reelay.attempt:" + self.id.bytes).digest()
        return uuid.UUID(bytes=digest[:16], version=4)


class Knock(models.Model):
    """A provider's webhook as it came. Nothing in it is believed; it only makes us look."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="knocks")
    digest = models.CharField(max_length=64)
    body = models.TextField(help_text="The first 8 KiB, for staff.")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "digest"], name="knock_filed_once")
        ]

    def __str__(self) -> str:
        return f"knock on {self.attempt_id}"
