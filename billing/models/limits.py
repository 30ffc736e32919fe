"""How much may be spent: by a workspace, a member, an API key; a day, a month, ever."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Workspace


class Window(models.TextChoices):
    """Days and months are UTC's."""

    DAY = "day"
    MONTH = "month"
    LIFETIME = "lifetime"


class SpendLimit(models.Model):
    """
    What one spender may spend in one window, and what it has spent in the `period` under way.

    `subject` names the spender, opaque to billing: "workspace", "member:<id>" or "key:<id>".
    Amounts are micro-dollars. What is held counts as spent until it is given back.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="spend_limits")
    subject = models.CharField(max_length=80)
    window = models.CharField(max_length=8, choices=Window)
    amount = models.BigIntegerField()
    spent = models.BigIntegerField(default=0, editable=False)
    period = models.DateField(default=date.min, editable=False)
    warned = models.DateField(null=True, editable=False, help_text="The period somebody was told.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "subject", "window"], name="spend_limit_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, spent__gte=0), name="spend_limit_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} a {self.window}"


class Spending(models.Model):
    """What one hold counts for in one limit, so that giving it back counts as much."""

    limit = models.ForeignKey(SpendLimit, models.CASCADE, related_name="spendings")
    reference = models.CharField(max_length=120)
    period = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "limit"], name="spending_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="spending_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} of {self.limit_id}"
