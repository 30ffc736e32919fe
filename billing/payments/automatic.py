"""
Top-ups that happen by themselves: the saved card is charged when little is left.

Never more than one at a time, not sooner than a while after the last, not beyond the month's cap.
A decline is told; after some in a row (`declines`) it is off until somebody switches it on again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing import money
from billing.models import Payer, TopUp, TopUpState
from billing.payments import saved_card, top_ups

COOL_DOWN = timedelta(minutes=15)


def due(*, now: datetime, limit: int = 50) -> list[Payer]:
    """Who has less left than they wish, and may be charged now."""
    rows = Payer.objects.filter(
        auto=True,
        workspace__suspended_at=None,
        workspace__wallet__available__lt=F("threshold"),
    ).exclude(card="")
    rested = rows.exclude(tried_at__gt=now - COOL_DOWN)
    fitting = rested.annotate(spent=Coalesce(Subquery(_spent(now)), 0)).filter(
        monthly_cap__gte=F("spent") + F("amount")
    )
    return list(fitting.select_related("workspace")[:limit])


def run(*, now: datetime) -> int:
    """Charge whoever is due. Returns how many were tried."""
    begun = [top_up for payer in due(now=now) if (top_up := _begin(payer, now=now))]
    for top_up in begun:
        saved_card.charge(top_up, now=now)
    return len(begun)


def _begin(payer: Payer, *, now: datetime) -> TopUp | None:
    """Written down before Stripe is asked; None where somebody else is at it."""
    try:
        with transaction.atomic():
            rows = Payer.objects.filter(pk=payer.pk, auto=True, workspace__suspended_at=None)
            rows = rows.exclude(tried_at__gt=now - COOL_DOWN)
            if not rows.update(tried_at=now):
                return None
            return TopUp.objects.create(
                workspace=payer.workspace,
                amount=payer.amount,
                automatic=True,
                saved_card=True,
                actor="automatic top-up",
                due_at=now + saved_card.IN_HAND,
            )
    except IntegrityError:  # one is open already
        return None


def _spent(now: datetime) -> QuerySet[TopUp, Any]:
    """By a payer's workspace in this month (UTC); what is open counts."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = TopUp.objects.filter(
        workspace=OuterRef("workspace"),
        automatic=True,
        created_at__gte=month,
        state__in=[TopUpState.OPEN, TopUpState.PAID],
    )
    return rows.order_by().values("workspace").annotate(sum=Sum("amount")).values("sum")


def settings_fault(*, threshold: int, amount: int, monthly_cap: int) -> str:
    """What is wrong with these wishes, in a sentence; "" when nothing is."""
    try:
        top_ups.checked(amount)
    except top_ups.BadAmount as error:
        return str(error)
    if monthly_cap < amount:
        return f"The month's cap must allow one top-up of {money.usd(amount)} USD at least."
    if not 0 < threshold <= top_ups.MOST:
        return "Say below what balance to top up."
    return ""
