"""What we know of a provider's health, and what staff decided about it."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


class ProviderStatus(models.Model):
    """
    One provider. A row that is missing means: enabled, healthy.

    Three things keep new work away for a while: a pause (our key or our money is at fault), an
    open breaker (too many bad submissions) and being busy (they asked us to wait). After the first
    two, one trial job decides whether it is over. Amounts are micro-dollars.
    """

    name = models.CharField(max_length=20, primary_key=True)
    enabled = models.BooleanField(default=True, help_text="Unset: nothing new is quoted or sent.")
    draining = models.BooleanField(
        default=False, help_text="Nothing new is sent; what is under way is followed to its end."
    )
    most_in_flight = models.PositiveIntegerField(
        null=True, blank=True, help_text="Jobs with them at once; empty: what their pages advise."
    )
    most_per_minute = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Submissions; empty: what their pages advise.",
    )

    paused_until = models.DateTimeField(null=True, blank=True)
    pause_seconds = models.PositiveIntegerField(default=0, help_text="How long the last pause was.")
    broken_until = models.DateTimeField(null=True, blank=True, help_text="The breaker is open.")
    break_seconds = models.PositiveIntegerField(default=0, help_text="How long it was open last.")
    mended_at = models.DateTimeField(null=True, blank=True, help_text="Older troubles are over.")
    busy_until = models.DateTimeField(null=True, blank=True)
    busy_seconds = models.PositiveIntegerField(default=0)
    trial_until = models.DateTimeField(null=True, blank=True, help_text="A trial job is out.")
    look_errors = models.PositiveIntegerField(default=0, help_text="Failed looks in a row.")

    balance = models.BigIntegerField(null=True, blank=True, help_text="Our money with them.")
    balance_at = models.DateTimeField(null=True, blank=True)
    balance_due_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "provider statuses"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="provider_has_a_name"),
            models.CheckConstraint(
                condition=Q(most_per_minute=None) | Q(most_per_minute__gt=0),
                name="provider_rate_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on_trial(self) -> bool:
        """A pause or an open breaker has not been proven over."""
        return bool(self.pause_seconds or self.break_seconds)
