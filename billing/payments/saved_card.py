"""
Charging the saved card while nobody is there: by itself, or because a program asked.

Asking twice charges once: what Stripe did not answer is asked again under the same key.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import Workspace
from billing.models import Payer, TopUp, TopUpState
from billing.payments import gateway, top_ups

#: For so long whoever began it asks Stripe; then the sweep takes it up.
IN_HAND = timedelta(minutes=1)
#: A program that has heard nothing for so long has helped itself: it is not charged any more.
ASKED_FOR = timedelta(minutes=30)


class NotAllowed(gateway.PaymentError):
    """Programs may not charge this workspace's card."""

    code = "charging_switched_off"


class NoCard(gateway.PaymentError):
    """No card is saved."""

    code = "no_saved_card"


@transaction.atomic
def allow(workspace: Workspace, is_allowed: bool, *, by: audit.Actor) -> bool:
    """Whether programs may charge it. Returns whether that is new; the audit has it then."""
    rows = Workspace.objects.filter(pk=workspace.pk, api_may_charge=not is_allowed)
    if not rows.update(api_may_charge=is_allowed):
        return False
    what = "allowed" if is_allowed else "forbidden"
    audit.record(
        workspace=workspace, by=by, action=f"api_charges.{what}", subject=workspace.public_id
    )
    return True


def begin(workspace: Workspace, *, amount: int, actor: str, now: datetime) -> TopUp:
    """
    Write down that a program wants it charged; `charge` does it.

    :raises NotAllowed:
    :raises NoCard:
    :raises BadAmount:
    """
    if not workspace.api_may_charge:
        raise NotAllowed("API keys may not charge the saved card. The owner can allow it.")
    if not Payer.objects.filter(workspace=workspace).exclude(card="").exists():
        raise NoCard("No card is saved. Pay once at a page with `save_card`.")
    return TopUp.objects.create(
        workspace=workspace,
        amount=top_ups.checked(amount),
        saved_card=True,
        actor=actor,
        created_at=now,
        due_at=now + IN_HAND,
    )


def is_in_hand(top_up: TopUp, *, now: datetime) -> bool:
    """Whether somebody is asking Stripe for it just now."""
    return top_up.state == TopUpState.OPEN and now < top_up.created_at + IN_HAND


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
    payer = Payer.objects.filter(pk=top_up.workspace_id).first()
    if payer and (done := _done(top_up, payer)):
        top_ups.learn_payment(done)
    elif payer and _is_still_wanted(top_up, now):
        charge(top_up, now=now)
    else:
        top_ups.ended(top_up, TopUpState.FAILED, "The payment service did not answer.")


def _is_still_wanted(top_up: TopUp, now: datetime) -> bool:
    """Of whoever is suspended nothing is charged any more."""
    awaited = top_up.automatic or now < top_up.created_at + ASKED_FOR
    return awaited and top_up.workspace.suspended_at is None


def _done(top_up: TopUp, payer: Payer) -> str:
    """The payment that was made for it; "" for none."""
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
