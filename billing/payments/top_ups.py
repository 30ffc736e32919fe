"""
One payment, from the button to the credit.

Nothing a browser or an event says is believed: the session or the payment is fetched from Stripe,
and it is credited when Stripe says that our amount was received for our top-up.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts import ids
from accounts.models import Workspace
from billing import ledger, money
from billing.models import TopUp, TopUpState
from billing.payments import declines, gateway, notices, payers

logger = logging.getLogger(__name__)

CHIPS = [10, 25, 50, 100]  # dollars
LEAST, MOST = 5 * money.MICROS, 2_000 * money.MICROS
#: How long a Checkout page stays open, by Stripe's least: then nobody pays there any more.
OPEN_FOR = timedelta(minutes=35)
#: When one that nobody told us of is looked at, and how often after that.
LOOK_AFTER, LOOK_AGAIN = timedelta(minutes=15), timedelta(minutes=15)
#: A bank transfer may take days.
GIVE_UP_AFTER = timedelta(days=14)


class BadAmount(gateway.PaymentError):
    """The amount cannot be paid; the message says which can."""


class NotOurs(Exception):
    """A payment that claims to be one of our top-ups and is not; the message says how."""


def amount_of(text: str) -> int:
    """
    What somebody typed, in micro-dollars.

    :raises BadAmount:
    """
    try:
        amount = money.micros(text.strip().removeprefix("$"))
    except ValueError:
        raise BadAmount("Write an amount in US dollars, such as 25 or 25.00.") from None
    return checked(amount)


def checked(amount: int) -> int:
    """:raises BadAmount:"""
    if amount % gateway.MICROS_PER_CENT:
        raise BadAmount("There is nothing smaller than a cent.")
    if not LEAST <= amount <= MOST:
        raise BadAmount(f"Top up between {money.usd(LEAST)} and {money.usd(MOST)} USD at a time.")
    return amount


def begin(workspace: Workspace, *, amount: int, actor: str, now: datetime) -> TopUp:
    """
    Write down that somebody wants to pay; `open_page` leads there.

    :raises BadAmount:
    """
    return TopUp.objects.create(
        workspace=workspace,
        amount=checked(amount),
        actor=actor,
        created_at=now,
        due_at=now + LOOK_AFTER,
    )


def open_page(top_up: TopUp, *, back_to: str, save_card: bool) -> str:
    """
    The address where it is paid, made on first need and only once.

    :param back_to: the address of our own page for it.
    :raises gateway.PaymentError:
    """
    if top_up.page_url:
        return top_up.page_url
    try:
        who = payers.customer(top_up.workspace)
        with gateway.asking() as client:
            session = client.v1.checkout.sessions.create(
                _wanted(top_up, who, back_to, save_card),  # type: ignore[arg-type]
                {"idempotency_key": f"top-up-{top_up.pk.hex}"},
            )
    except gateway.Refused as error:
        ended(top_up, TopUpState.FAILED, str(error))
        raise
    TopUp.objects.filter(pk=top_up.pk).update(session=session.id, page_url=session.url)
    return str(session.url)


def look(top_up: TopUp) -> TopUp:
    """Ask Stripe what became of it. Returns it as it is now."""
    if top_up.session:
        learn_session(top_up.session)
    elif top_up.payment_intent:
        learn_payment(top_up.payment_intent)
    return TopUp.objects.get(pk=top_up.pk)


def learn_session(session_id: str) -> str:
    """
    A Checkout session, as Stripe has it. Returns what was learned, in a word or two.

    :raises NotOurs:
    """
    with gateway.asking() as client:
        session = client.v1.checkout.sessions.retrieve(
            session_id, {"expand": ["payment_intent.latest_charge"]}
        )
    top_up = _claimed(session.metadata, session.id)
    if top_up is None:
        return "not about a top-up"
    if session.id != top_up.session and top_up.session:
        raise NotOurs(f"session {session.id} speaks of {top_up.public_id}, which has another one")
    intent = session.payment_intent
    if isinstance(intent, stripe.PaymentIntent):
        TopUp.objects.filter(pk=top_up.pk).update(session=session.id, payment_intent=intent.id)
    if session.payment_status == "paid" and isinstance(intent, stripe.PaymentIntent):
        return _received(top_up, intent)
    if session.status == "expired":
        return ended(top_up, TopUpState.EXPIRED, "The payment page was closed unpaid.")
    if session.status == "complete" and isinstance(intent, stripe.PaymentIntent):
        return _not_received(top_up, intent)
    return "open"


def learn_payment(intent_id: str) -> str:
    """
    A payment, as Stripe has it. Returns what was learned, in a word or two.

    :raises NotOurs:
    """
    with gateway.asking() as client:
        return learned(client.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]}))


def learned(intent: stripe.PaymentIntent) -> str:
    """
    A payment that Stripe has just shown us, with its latest charge.

    :raises NotOurs:
    """
    top_up = _claimed(intent.metadata, intent.id)
    if top_up is None:
        return "not about a top-up"
    if top_up.saved_card:
        TopUp.objects.filter(pk=top_up.pk).update(payment_intent=intent.id)
    if intent.status == "succeeded":
        return _received(top_up, intent)
    # On a Checkout page somebody may try another card; only its end says that nothing came.
    return _not_received(top_up, intent) if top_up.saved_card else "open"


def ended(
    top_up: TopUp, state: TopUpState, why: str, *, reason: str = "", payment_intent: str = ""
) -> str:
    """
    Without money; of an automatic one whoever cares is told in the same transaction.

    Should the money come after all, it is credited all the same.
    """
    known = {"payment_intent": payment_intent} if payment_intent else {}
    with transaction.atomic():
        payer = declines.payer_of(top_up)
        if not TopUp.objects.filter(pk=top_up.pk, state=TopUpState.OPEN).update(
            state=state, failure=why[:300], reason=reason[:60], finished_at=Now(), due_at=None,
            **known,
        ):  # fmt: skip
            return "ended before"
        if payer:
            declines.count(payer, top_up, why, reason=reason)
    return str(state)


def metadata(top_up: TopUp) -> dict[str, str]:
    """How Stripe's objects name one of ours, and whose it is."""
    return {"site": settings.SITE_URL, "top_up": top_up.public_id}


def _wanted(top_up: TopUp, who: str, here: str, save_card: bool) -> dict[str, Any]:
    ours = metadata(top_up)
    intent: dict[str, Any] = {"metadata": ours, "description": "Prepaid credit"}
    if save_card:
        intent["setup_future_usage"] = "off_session"
    return {
        "mode": "payment",
        "customer": who,
        "customer_update": {"name": "auto", "address": "auto"},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": gateway.cents(top_up.amount),
                    "product_data": {"name": "Prepaid credit"},
                },
            }
        ],
        "success_url": f"{here}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": here,
        "expires_at": int((top_up.created_at + OPEN_FOR).timestamp()),
        "client_reference_id": top_up.public_id,
        "metadata": ours,
        "payment_intent_data": intent,
        "tax_id_collection": {"enabled": True},
        "automatic_tax": {"enabled": settings.STRIPE_AUTOMATIC_TAX},
    }


def _claimed(theirs: Any, name: str) -> TopUp | None:
    """
    The top-up that Stripe's object names; None where it names none, being somebody else's.

    :raises NotOurs:
    """
    said = theirs.to_dict() if hasattr(theirs, "to_dict") else dict(theirs or {})
    if "top_up" not in said:
        return None
    if said.get("site") != settings.SITE_URL:
        raise NotOurs(f"{name} belongs to another site: {str(said.get('site'))[:100]}")
    found = ids.private("top", str(said["top_up"]))
    top_up = TopUp.objects.filter(pk=found).first() if found else None
    if top_up is None:
        raise NotOurs(f"{name} names a top-up that does not exist")
    return top_up


def _received(top_up: TopUp, intent: stripe.PaymentIntent) -> str:
    """
    Stripe has the money: credit it, once.

    With automatic tax more is received than the credit, the tax on top; never less.
    """
    received = gateway.micros(intent.amount_received)
    tax_allowed = settings.STRIPE_AUTOMATIC_TAX and not top_up.saved_card
    if intent.currency != "usd" or received < top_up.amount:
        raise NotOurs(f"{intent.id} brought {intent.amount_received} {intent.currency}")
    if received > top_up.amount and not tax_allowed:
        raise NotOurs(f"{intent.id} brought {intent.amount_received} cents, too many")
    charge = intent.latest_charge
    with transaction.atomic():
        payer = declines.payer_of(top_up)
        paid = TopUp.objects.filter(pk=top_up.pk).exclude(state=TopUpState.PAID)
        if not paid.update(
            state=TopUpState.PAID,
            payment_intent=intent.id,
            charge=charge.id if isinstance(charge, stripe.Charge) else charge or "",
            receipt_url=(charge.receipt_url or "") if isinstance(charge, stripe.Charge) else "",
            failure="",
            reason="",
            finished_at=Now(),
            due_at=None,
        ):
            return "paid before"
        if payer:
            declines.forget(payer)
        moved = ledger.deposit(
            wallet=top_up.workspace.wallet,
            amount=top_up.amount,
            key=f"stripe:{intent.id}",
            reference=top_up.reference,
            description="Automatic top-up" if top_up.automatic else "Top-up by card",
            actor=top_up.actor,
        )
        notices.topped_up(moved)
    return "credited"


def _not_received(top_up: TopUp, intent: stripe.PaymentIntent) -> str:
    """Refused, or still on its way, as a bank transfer is."""
    if intent.status == "processing":
        return "on its way"
    error = intent.last_payment_error.to_dict() if intent.last_payment_error else {}
    said = error.get("message") or "The payment was not completed."
    reason = error.get("decline_code") or error.get("code") or ""
    return ended(top_up, TopUpState.FAILED, said, reason=reason)
