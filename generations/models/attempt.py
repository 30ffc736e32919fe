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


class Submission(models.TextChoices):
    """What a submission says about its provider's health."""

    UNJUDGED = "", "says nothing"
    GOOD = "good"
    BAD = "bad"


class Attempt(models.Model):
    """
    One submission to one provider, written before the first byte is sent.

    `price`, `cost` (the table's, as frozen), `loss` (what the cost exceeds the quote by) and
    `reported_cost` (theirs) are micro-dollars.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=20)
    sku = models.CharField("SKU", max_length=80, default="", editable=False)
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.OPEN)
    job_id = models.CharField(max_length=200, blank=True, help_text="The provider's name for it.")
    price = models.BigIntegerField()
    cost = models.BigIntegerField()
    loss = models.BigIntegerField(default=0)
    reported_cost = models.BigIntegerField(null=True, blank=True)
    submission = models.CharField(max_length=4, choices=Submission, blank=True)
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="This provider is not asked for this order before."
    )
    result_url = models.TextField(blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    looks = models.PositiveIntegerField(default=0)
    store_tries = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    raw = models.JSONField(default=dict, blank=True, help_text="Their last answer, for staff.")
    submitted_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="Before the first byte; not kept where resending is safe."
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    working_at = models.DateTimeField(
        null=True, blank=True, help_text="When a look last found it at work."
    )
    rendered_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    late_look_at = models.DateTimeField(
        null=True, blank=True, help_text="When to ask again about one that was given up."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(loss__gte=0), name="attempt_loss_is_not_negative"),
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
                fields=["provider", "sku", "-rendered_at"],
                name="attempt_rendered",
                condition=~Q(rendered_at=None),
            ),
            # How fast we submit to it, and how that went.
            models.Index(fields=["provider", "-submitted_at"], name="attempt_submitted"),
            models.Index(
                fields=["submitted_at"], name="attempt_at_a_loss", condition=Q(loss__gt=0)
            ),
            models.Index(
                fields=["late_look_at"],
                name="attempt_late",
                condition=~Q(late_look_at=None),
            ),
        ]

    @property
    def reference(self) -> str:
        return f"attempt:{self.id.hex}"

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
    job_id = models.CharField(
        max_length=200, blank=True, help_text="Whom it names: a candidate to ask about, no more."
    )
    body = models.TextField(help_text="The first 8 KiB, for staff.")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "digest"], name="knock_filed_once")
        ]

    def __str__(self) -> str:
        return f"knock on {self.attempt_id}"
