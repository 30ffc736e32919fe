"""
The books: wallets, and the transfers between accounts.

The rules that a constraint cannot say are triggers (migrations 0002 and 0004).
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models import Workspace
from billing import money


class Account(models.TextChoices):
    """The ends of a transfer: three of a customer's wallet, the others are the house's."""

    AVAILABLE = "available"
    HELD = "held"
    DEBT = "debt"
    STRIPE = "stripe"
    REVENUE = "revenue"
    PROMOTION = "promotion"
    ADJUSTMENT = "adjustment"


class Kind(models.TextChoices):
    DEPOSIT = "deposit"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    CLAWBACK = "clawback"
    ADJUSTMENT = "adjustment"
    PROMOTION = "promotion"


#: The moves that exist: kind, where the money leaves, where it arrives. A claw-back takes what is
#: there; the rest is owed. What comes in pays the debt first, and a won dispute cancels it first.
MOVES: list[tuple[Kind, Account, Account]] = [
    (Kind.DEPOSIT, Account.STRIPE, Account.AVAILABLE),
    (Kind.PROMOTION, Account.PROMOTION, Account.AVAILABLE),
    (Kind.HOLD, Account.AVAILABLE, Account.HELD),
    (Kind.CAPTURE, Account.HELD, Account.REVENUE),
    (Kind.RELEASE, Account.HELD, Account.AVAILABLE),
    (Kind.REFUND, Account.REVENUE, Account.AVAILABLE),
    (Kind.ADJUSTMENT, Account.ADJUSTMENT, Account.AVAILABLE),
    (Kind.ADJUSTMENT, Account.AVAILABLE, Account.ADJUSTMENT),
    (Kind.CLAWBACK, Account.AVAILABLE, Account.STRIPE),
    (Kind.CLAWBACK, Account.DEBT, Account.STRIPE),
    (Kind.CLAWBACK, Account.AVAILABLE, Account.DEBT),
    (Kind.CLAWBACK, Account.STRIPE, Account.AVAILABLE),
    (Kind.CLAWBACK, Account.STRIPE, Account.DEBT),
]


class Wallet(models.Model):
    """
    One workspace's money. `moves` counts its transfers, so a missing one is noticed.

    Only `ledger.py` changes these columns.
    """

    workspace = models.OneToOneField(
        Workspace, models.PROTECT, primary_key=True, related_name="wallet"
    )
    available = models.BigIntegerField(default=0, editable=False)
    held = models.BigIntegerField(default=0, editable=False)
    debt = models.BigIntegerField(default=0, editable=False)
    moves = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(available__gte=0, held__gte=0, debt__gte=0),
                name="wallet_never_below_zero",
            )
        ]

    def __str__(self) -> str:
        return f"{self.workspace}: {money.usd(self.available)}"


class TransferQuerySet(models.QuerySet["Transfer"]):
    def for_workspace(self, workspace: Workspace) -> TransferQuerySet:
        return self.filter(wallet_id=workspace.pk)


class Transfer(models.Model):
    """
    One immutable row: an amount leaves the debit account and arrives at the credit account.

    `key` says what it is for; asking twice does it once. `position` numbers a wallet's transfers
    without gaps, and the `…_after` columns are its balances right after this one.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="transfers")
    position = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    debit = models.CharField(max_length=40, choices=Account)
    credit = models.CharField(max_length=40, choices=Account)
    amount = models.BigIntegerField()
    key = models.CharField(max_length=200, unique=True)
    reference = models.CharField(max_length=120, blank=True)
    description = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=100, blank=True)
    available_after = models.BigIntegerField()
    held_after = models.BigIntegerField()
    debt_after = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_moves_something"),
            models.CheckConstraint(
                condition=models.Q.create(
                    [Q(kind=kind, debit=debit, credit=credit) for kind, debit, credit in MOVES],
                    Q.OR,
                ),
                name="transfer_is_a_known_move",
            ),
            models.UniqueConstraint(fields=["wallet", "position"], name="transfer_in_its_place"),
        ]
        indexes = [
            models.Index(
                fields=["reference"], name="transfer_by_reference", condition=~Q(reference="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {money.usd(self.amount)}"

    @property
    def public_id(self) -> str:
        return ids.public("txn", self.id)

    @property
    def change(self) -> int:
        """
        What it did for the customer: more to spend or less to owe counts up.

        A capture takes from what was held before.
        """
        gains = self.credit == Account.AVAILABLE or self.debit == Account.STRIPE
        return self.amount if gains else -self.amount


def reference(kind: str, id: uuid.UUID) -> str:
    """How the books name a thing they know nothing about: `generation:<32 hex digits>`."""
    return f"{kind}:{id.hex}"
