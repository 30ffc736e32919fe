"""How often somebody may ask."""

from __future__ import annotations

from django.db import models


class Paced(models.Model):
    """Requests a minute and how many of them at once; empty: the default of the settings."""

    paid_per_minute = models.PositiveIntegerField(null=True, blank=True)
    paid_burst = models.PositiveIntegerField(null=True, blank=True)
    other_per_minute = models.PositiveIntegerField(null=True, blank=True)
    other_burst = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True
