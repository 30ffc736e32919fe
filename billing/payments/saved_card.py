"""
Charging the saved card while nobody is there. Asking twice charges once: what Stripe did not
answer is asked again under the same key.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from billing.models import Payer, TopUp, TopUpState
from billing.payments import gateway, top_ups

#: For so long whoever began it asks Stripe; then the sweep takes it up.
IN_HAND = timedelta(minutes=1)


def charge(top_up: TopUp, *, now: datetime) -> TopUp:
    """Charge the card for an open top-up. Returns that as it is now: open where nobody knows."""
    payer = Payer.objects.get(pk=top_up.workspace_id)
    try:
        with gateway.asking() as client:
            intent = client.v1.payment_intents.create(
                _wanted(top_up, payer),  # type: ignore[arg-type]
                {"idempotency_key": f"charge-{top_up.pk.hex}"},
            )
    except gateway.Unreachable:
        TopUp.objects.filter(pk=top_up.pk).update(due_at=now + IN_HAND)
    except gateway.PaymentError as error:
        _declined(top_up, error)
    else:
        top_ups.learned(intent)
    return TopUp.objects.get(pk=top_up.pk)


def again(top_up: TopUp, *, now: datetime) -> None:
    """
    What Stripe did not answer: learned where it was done, else asked once more. The card may be
    another one by now, which the same key would not allow.
    """
    if done := _done(top_up):
        top_ups.learn_payment(done)
    else:
        charge(top_up, now=now)


def _done(top_up: TopUp) -> str:
    """The payment that was made for it; "" for none."""
    payer = Payer.objects.get(pk=top_up.workspace_id)
    since = int(top_up.created_at.timestamp()) - 60
    with gateway.asking() as client:
        made = client.v1.payment_intents.list(
            {"customer": str(payer.customer), "created": {"gte": since}, "limit": 100}
        )
        ours = top_ups.metadata(top_up)
        found = (one.id for one in made.auto_paging_iter() if one.metadata.to_dict() == ours)
        return next(found, "")


def _wanted(top_up: TopUp, payer: Payer) -> dict[str, Any]:
    return {
        "amount": gateway.cents(top_up.amount),
        "currency": "usd",
        "customer": str(payer.customer),
        "payment_method": payer.card,
        "off_session": True,
        "confirm": True,
        "description": "Prepaid credit",
        "metadata": top_ups.metadata(top_up),
        "expand": ["latest_charge"],
    }


def _declined(top_up: TopUp, error: gateway.PaymentError) -> None:
    told = {}
    if isinstance(error, gateway.Declined):
        told = {"reason": error.reason, "payment_intent": error.payment_intent}
    top_ups.ended(top_up, TopUpState.FAILED, str(error), **told)
