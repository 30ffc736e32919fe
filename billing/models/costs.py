"""What providers take from us: accounts of the house, apart from the customers' wallets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from billing import money


class CostAccount(models.TextChoices):
    """Of each provider: what its clips cost us, what we owe it, what nobody knows yet."""

    COST = "cost"
    PAYABLE = "payable"
    SUSPENSE = "suspense"


class Cost(models.Model):
    """
    One immutable row: an amount that leaves the debit account and arrives at the credit account.

    `reference` is the attempt; its rows are numbered, so each booking is written once.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=120)
    number = models.PositiveSmallIntegerField()
    debit = models.CharField(max_length=10, choices=CostAccount)
    credit = models.CharField(max_length=10, choices=CostAccount)
    amount = models.BigIntegerField()
    why = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "number"], name="cost_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(debit=models.F("credit")), name="cost_moves"
            ),
        ]
        indexes = [models.Index(fields=["provider", "created_at"], name="cost_by_provider")]

    def __str__(self) -> str:
        return f"{self.provider} {money.usd(self.amount)} {self.debit} → {self.credit}"
