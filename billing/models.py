"""
What you have: wallets and the transfers between accounts, prices and quotes.

All amounts are integer micro-dollars. The rules of the books are constraints and triggers in the
database (migration 0002); Python checks only in order to speak kindly.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
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


#: The moves that exist: kind, where the money leaves, where it arrives.
MOVES: list[tuple[Kind, Account, Account]] = [
    (Kind.DEPOSIT, Account.STRIPE, Account.AVAILABLE),
    (Kind.PROMOTION, Account.PROMOTION, Account.AVAILABLE),
    (Kind.HOLD, Account.AVAILABLE, Account.HELD),
    (Kind.CAPTURE, Account.HELD, Account.REVENUE),
    (Kind.RELEASE, Account.HELD, Account.AVAILABLE),
    (Kind.REFUND, Account.REVENUE, Account.AVAILABLE),
    (Kind.ADJUSTMENT, Account.ADJUSTMENT, Account.AVAILABLE),
    (Kind.ADJUSTMENT, Account.AVAILABLE, Account.ADJUSTMENT),
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
        """What it did to the spendable balance; a capture takes from what was held before."""
        if self.kind == Kind.CAPTURE:
            return -self.amount
        return self.amount if self.credit == Account.AVAILABLE else -self.amount


class RateQuerySet(models.QuerySet["Rate"]):
    def current(self, at: datetime) -> RateQuerySet:
        """For each provider and SKU the newest rate in force at that moment."""
        newest = self.filter(valid_from__lte=at).order_by(
            "provider", "sku", F("valid_from").desc(), F("id").desc()
        )
        return newest.distinct("provider", "sku")


class Rate(models.Model):
    """
    One row of the price table: what a provider takes for a SKU, and what we ask for it.

    Rows are never changed: a new price is a new row with a later `valid_from`. The row's id is the
    version that is frozen on quotes and generations.
    """

    provider = models.CharField(max_length=20)
    sku = models.CharField("SKU", max_length=80)
    cost = models.BigIntegerField(help_text="Micro-dollars a clip, as the provider bills it.")
    markup = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.001"))],
        help_text="Price = cost × markup, rounded up to a whole cent.",
    )
    fixed_price = models.BigIntegerField(
        null=True, blank=True, help_text="Micro-dollars a clip; set, it replaces the markup."
    )
    sold = models.BooleanField(default=True, help_text="Unset: not sold from this moment on.")
    valid_from = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=200, blank=True)

    objects = RateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cost__gt=0, markup__gt=0)
                & (Q(fixed_price=None) | Q(fixed_price__gt=0)),
                name="rate_is_positive",
            )
        ]
        indexes = [
            models.Index(fields=["provider", "sku", "-valid_from"], name="rate_by_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.sku} {money.usd(self.price)}"

    @property
    def price(self) -> int:
        return self.fixed_price or money.marked_up(self.cost, self.markup)


class QuoteQuerySet(models.QuerySet["Quote"]):
    def for_workspace(self, workspace: Workspace) -> QuoteQuerySet:
        return self.filter(workspace=workspace)


class Quote(models.Model):
    """
    A firm price. `binding` is what it was given for, opaque to billing.

    Honoured until `expires_at` even if the table changes, and used up by one placement.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="quotes")
    binding = models.CharField(max_length=64)
    details = models.JSONField(default=dict)
    unit_price = models.BigIntegerField()
    count = models.PositiveSmallIntegerField()
    rate = models.ForeignKey(Rate, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = QuoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit_price__gt=0, count__gte=1), name="quote_is_positive"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} × {money.usd(self.unit_price)}"

    @property
    def public_id(self) -> str:
        return ids.public("quo", self.id)

    @property
    def price(self) -> int:
        return self.unit_price * self.count


def reference(kind: str, id: uuid.UUID) -> str:
    """How the books name a thing they know nothing about: `generation:<32 hex digits>`."""
    return f"{kind}:{id.hex}"
