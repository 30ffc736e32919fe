"""Promotion codes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Workspace
from billing import money


class PromotionCode(models.Model):
    """
    Credit for whoever knows the word: once for each workspace, `most_uses` times in all.

    Codes are stored in upper case. `uses` never passes `most_uses`: the database sees to it.
    """

    code = models.CharField(max_length=40, unique=True)
    amount = models.BigIntegerField(help_text="Micro-dollars for each workspace.")
    most_uses = models.PositiveIntegerField(default=1)
    uses = models.PositiveIntegerField(default=0, editable=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    only_new = models.BooleanField(
        default=False, help_text="Only for workspaces that never topped up."
    )
    active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, uses__lte=F("most_uses")), name="promotion_not_overused"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}: {money.usd(self.amount)}"


class Redemption(models.Model):
    """A code used by a workspace. `guards` are what must not be used twice for the same code."""

    code = models.ForeignKey(PromotionCode, models.PROTECT, related_name="redemptions")
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="redemptions")
    actor = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "workspace"], name="redemption_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} by {self.workspace}"
