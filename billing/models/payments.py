"""What comes in by card: top-ups, who pays them, and what Stripe tells us."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts import ids
from accounts.models import Workspace
from billing import money
from billing.models.books import reference


class Payer(models.Model):
    """
    How a workspace pays: its customer at Stripe, the card to charge, and when to charge it.

    The card is only shown here; Stripe has it. Amounts are micro-dollars.
    """

    workspace = models.OneToOneField(
        Workspace, models.CASCADE, primary_key=True, related_name="payer"
    )
    customer = models.CharField(max_length=64, null=True, blank=True, unique=True)
    card = models.CharField(max_length=64, blank=True, help_text="Stripe's id of the saved card.")
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    card_expires = models.CharField(max_length=7, blank=True, help_text="MM/YYYY")

    auto = models.BooleanField("automatic top-up", default=False)
    threshold = models.BigIntegerField(default=5 * money.MICROS)
    amount = models.BigIntegerField(default=25 * money.MICROS)
    monthly_cap = models.BigIntegerField(default=100 * money.MICROS)
    tried_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    stopped = models.CharField(max_length=200, blank=True, help_text="Why it was switched off.")

    warn_below = models.BigIntegerField(null=True, blank=True)
    warned = models.BooleanField(default=False, help_text="Since the balance fell below that.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=0, amount__gt=0, monthly_cap__gte=0),
                name="payer_amounts_make_sense",
            )
        ]
        indexes = [models.Index(fields=["auto"], name="payer_auto", condition=Q(auto=True))]

    def __str__(self) -> str:
        return f"{self.workspace}: {self.card_brand} {self.card_last4}".strip()


class TopUpState(models.TextChoices):
    OPEN = "open"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class TopUpQuerySet(models.QuerySet["TopUp"]):
    def for_workspace(self, workspace: Workspace) -> TopUpQuerySet:
        return self.filter(workspace=workspace)


class TopUp(models.Model):
    """
    One payment by card: on a page (`session`) or with the saved card, by itself (`automatic`) or
    because a program of the customer's asked.

    It is credited once, in the transaction that makes it paid. An open one is looked at again when
    it is due, so that a payment whose event never came is found.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="top_ups")
    amount = models.BigIntegerField(help_text="Micro-dollars, whole cents.")
    state = models.CharField(max_length=8, choices=TopUpState, default=TopUpState.OPEN)
    automatic = models.BooleanField(default=False)
    saved_card = models.BooleanField(
        default=False, db_default=False, help_text="Charged without its owner being there."
    )
    session = models.CharField(max_length=255, null=True, blank=True, unique=True)
    payment_intent = models.CharField(max_length=255, null=True, blank=True, unique=True)
    charge = models.CharField(max_length=255, blank=True)
    page_url = models.CharField(max_length=2000, blank=True, help_text="Where it is paid.")
    receipt_url = models.CharField(max_length=1000, blank=True)
    failure = models.CharField(max_length=300, blank=True, help_text="Why, in plain words.")
    reason = models.CharField(
        max_length=60, blank=True, db_default="", help_text="Why, in a word of the bank's."
    )
    actor = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TopUpQuerySet.as_manager()

    class Meta:
        permissions = [
            ("look_topup", "Can ask Stripe about a top-up"),
            ("refund_topup", "Can refund a top-up to its card"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, state__in=TopUpState.values), name="top_up_makes_sense"
            ),
            models.CheckConstraint(
                condition=Q(automatic=False) | Q(saved_card=True),
                name="top_up_automatic_by_saved_card",
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(automatic=True, state=TopUpState.OPEN),
                name="top_up_automatic_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="top_up_by_workspace"),
            models.Index(fields=["due_at"], name="top_up_due", condition=Q(state=TopUpState.OPEN)),
            models.Index(fields=["charge"], name="top_up_charge"),  # staff search by it
        ]

    def __str__(self) -> str:
        return f"{money.usd(self.amount)} for {self.workspace}"

    @property
    def public_id(self) -> str:
        return ids.public("top", self.id)

    @property
    def reference(self) -> str:
        return reference("top-up", self.id)


class StripeEventState(models.TextChoices):
    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    REFUSED = "refused"


class StripeEvent(models.Model):
    """
    Something Stripe told us, filed once. It only says where to look: what is true is asked of
    Stripe.
    """

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255, blank=True)
    payload = models.JSONField()
    state = models.CharField(
        max_length=10, choices=StripeEventState, default=StripeEventState.RECEIVED
    )
    tries = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField(help_text="By Stripe's clock.")
    received_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("replay_stripeevent", "Can have an event of Stripe's processed again")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="stripe_event_due",
                condition=Q(state=StripeEventState.RECEIVED),
            ),
            models.Index(fields=["object_id"], name="stripe_event_object"),  # likewise
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
