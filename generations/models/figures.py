"""What came of the orders of a day, added up beforehand so that a dashboard opens at once."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class DailyFigures(models.Model):
    """
    The orders of one day (UTC) with one provider ("" while nobody has them) of one SKU.

    `figures.refresh` writes them anew. Amounts are micro-dollars, times are seconds from order to
    clip.
    """

    day = models.DateField()
    provider = models.CharField(max_length=20, blank=True)
    sku = models.CharField("SKU", max_length=80)
    orders = models.PositiveIntegerField()
    succeeded = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    canceled = models.PositiveIntegerField()
    revenue = models.BigIntegerField()
    cost = models.BigIntegerField()
    median = models.FloatField(null=True)
    slowest = models.FloatField(null=True, help_text="95 of 100 are as fast.")
    refreshed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "daily figures"
        constraints = [
            models.UniqueConstraint(fields=["day", "provider", "sku"], name="daily_figures_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.provider} {self.sku}"
