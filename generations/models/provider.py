"""What we know of a provider's health, and what staff decided about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ProviderStatus(models.Model):
    """One provider. A row that is missing means: enabled, healthy."""

    name = models.CharField(max_length=20, primary_key=True)
    enabled = models.BooleanField(default=True, help_text="Unset: nothing new is quoted or sent.")
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_seconds = models.PositiveIntegerField(default=0, help_text="How long the last pause was.")
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "provider statuses"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="provider_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
