"""
Top-ups that happen by themselves: the saved card is charged when little is left.

Never more than one at a time, not sooner than a while after the last, not beyond the month's cap.
A decline is told; after three in a row it is switched off until somebody switches it on again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing import money
from billing.models import Payer, TopUp, TopUpState
from billing.payments import gateway, notices, payers, top_ups

logger = logging.getLogger(__name__)

COOL_DOWN = timedelta(minutes=15)
MOST_FAILURES = 3


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
        charge(top_up, now=now)
    return len(begun)


def again(top_up: TopUp, *, now: datetime) -> None:
    """
    What Stripe did not answer: learned where it was done, else asked once more. The card may be
    another one by now, which the same key would not allow.
    """
    payer = Payer.objects.get(pk=top_up.workspace_id)
    with gateway.asking() as client:
        made = client.v1.payment_intents.list(
            {
                "customer": str(payer.customer),
                "created": {"gte": int(top_up.created_at.timestamp()) - 60},
                "limit": 100,
            }
        )
        ours = [
            one.id
            for one in made.auto_paging_iter()
            if one.metadata.to_dict() == top_ups.metadata(top_up)
        ]
    if ours:
        learn(ours[0])
    else:
        charge(top_up, now=now)


def learn(intent_id: str) -> str:
    """A payment, as Stripe has it; of one by itself whoever pays is told, and counted."""
    said = top_ups.learn_payment(intent_id)
    top_up = TopUp.objects.filter(payment_intent=intent_id, automatic=True).first()
    if top_up and said == "credited":
        Payer.objects.filter(pk=top_up.workspace_id).update(failures=0, stopped="")
    if top_up and said == TopUpState.FAILED:
        _told(top_up, top_up.failure)
    return said


def charge(top_up: TopUp, *, now: datetime) -> None:
    """
    Charge the saved card for an open automatic top-up; asking twice charges once.

    What Stripe did not answer is asked again under the same key.
    """
    payer = Payer.objects.select_related("workspace").get(pk=top_up.workspace_id)
    try:
        with gateway.asking() as client:
            intent = client.v1.payment_intents.create(
                {
                    "amount": gateway.cents(top_up.amount),
                    "currency": "usd",
                    "customer": str(payer.customer),
                    "payment_method": payer.card,
                    "off_session": True,
                    "confirm": True,
                    "description": "Prepaid credit",
                    "metadata": top_ups.metadata(top_up),
                },
                {"idempotency_key": f"auto-{top_up.pk.hex}"},
            )
    except gateway.Unreachable:
        TopUp.objects.filter(pk=top_up.pk).update(due_at=now + timedelta(minutes=1))
    except gateway.PaymentError as error:
        _declined(top_up, error)
    else:
        TopUp.objects.filter(pk=top_up.pk).update(payment_intent=intent.id)
        learn(intent.id)


def _declined(top_up: TopUp, error: gateway.PaymentError) -> None:
    intent = getattr(error, "payment_intent", "") or None
    ended = TopUp.objects.filter(pk=top_up.pk, state=TopUpState.OPEN).update(
        state=TopUpState.FAILED, failure=str(error)[:300], payment_intent=intent, due_at=None
    )
    if ended:
        _told(top_up, str(error))


def _told(top_up: TopUp, why: str) -> None:
    """One more decline, and a letter; by whoever ended the top-up."""
    Payer.objects.filter(pk=top_up.workspace_id).update(failures=F("failures") + 1)
    payer = Payer.objects.select_related("workspace").get(pk=top_up.workspace_id)
    if payer.failures >= MOST_FAILURES:
        payers.switch_off(payer, f"Declined {payer.failures} times: {why}"[:200])
    notices.automatic_failed(payer, top_up, why, is_off=payer.failures >= MOST_FAILURES)


def _begin(payer: Payer, *, now: datetime) -> TopUp | None:
    """Written down before Stripe is asked; None where somebody else is at it."""
    try:
        with transaction.atomic():
            rows = Payer.objects.filter(pk=payer.pk, auto=True).exclude(
                tried_at__gt=now - COOL_DOWN
            )
            if not rows.update(tried_at=now):
                return None
            return TopUp.objects.create(
                workspace=payer.workspace,
                amount=payer.amount,
                automatic=True,
                actor="automatic top-up",
                due_at=now + timedelta(minutes=1),
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
