"""Prices: the table, and firm quotes from it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models import Workspace
from billing import money


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
