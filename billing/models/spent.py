"""What was spent, added up by day: a shorter way to read the books, never another truth."""

from __future__ import annotations

from datetime import date

from django.db import models

from billing.models.books import Wallet


class DaySpend(models.Model):
    """
    The charges less refunds of one wallet on one day, for one combination of `facts`.

    `billing/statements/daily.py` writes it from transfers, each of which is in it once.
    """

    wallet = models.ForeignKey(Wallet, models.CASCADE, related_name="+")
    day = models.DateField()
    facts = models.JSONField()
    amount = models.BigIntegerField()
    charges = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["wallet", "day"], name="day_spend_of_wallet")]

    def __str__(self) -> str:
        return f"{self.wallet_id} on {self.day}"


class SpendMark(models.Model):
    """Up to which position a wallet's transfers are in its days, and the day of the last one."""

    wallet = models.OneToOneField(Wallet, models.CASCADE, primary_key=True, related_name="+")
    position = models.BigIntegerField(default=0)
    day = models.DateField(default=date.min)

    def __str__(self) -> str:
        return f"{self.wallet_id}: {self.position}"
