"""
Refunds and disputes: what Stripe takes back from us is clawed back, what it returns is given back.

Each refund and each dispute takes what it is about at most, and is returned once at most, by
Stripe's own id. Together they take no more than the payment brought; what one of them returns may
be due for another. What they amount to is read from Stripe, so it does not matter in which order
we are told.
"""

from __future__ import annotations

import logging

import stripe
from django.db import transaction
from django.db.models import Q

from billing import ledger
from billing.models import TopUp, Transfer, Wallet
from billing.payments import gateway, notices, top_ups

logger = logging.getLogger(__name__)

TAKEN = {"succeeded", "pending", "requires_action"}
RETURNED = {"failed", "canceled"}


def learn_charge(charge_id: str) -> str:
    """Every refund of a charge."""
    with gateway.asking() as client:
        refunds = client.v1.refunds.list({"charge": charge_id, "limit": 100})
        found = [learn_refund(refund) for refund in refunds.auto_paging_iter()]
    return ", ".join(found) or "no refund"


def learn_refund_of(refund_id: str) -> str:
    with gateway.asking() as client:
        refund = client.v1.refunds.retrieve(refund_id)
    return learn_refund(refund)


def learn_refund(refund: stripe.Refund) -> str:
    """One refund, as Stripe has it now."""
    top_up = _of(refund.payment_intent)
    if top_up is None:
        return "not about a top-up"
    if refund.status in TAKEN:
        return _take(top_up, refund.id, gateway.micros(refund.amount), "Refunded to the card")
    if refund.status in RETURNED:
        said = _give(top_up, refund.id, "The refund did not reach the card")
        _catch_up(top_up)
        return said
    return f"refund is {refund.status}"


def learn_dispute(dispute_id: str) -> str:
    """One dispute: what it took from us and has not returned, by Stripe's own movements."""
    with gateway.asking() as client:
        dispute = client.v1.disputes.retrieve(dispute_id)
    top_up = _of(dispute.payment_intent)
    if top_up is None:
        return "not about a top-up"
    said, is_over = _withdrawn(top_up, dispute), _is_won(dispute)
    if is_over:
        said = _give(top_up, dispute.id, "The dispute was decided for us")
        _catch_up(top_up)
    return said


def left(top_up: TopUp) -> int:
    """What the top-up brought, less what was clawed back of it for good."""
    moves = Transfer.objects.filter(reference=top_up.reference)
    into = sum(one.amount for one in moves if one.debit == "stripe")
    return into - sum(one.amount for one in moves if one.credit == "stripe")


def _of(intent: object) -> TopUp | None:
    """The top-up it reverses; credited first, where we were not yet told that it was paid."""
    name = intent.id if isinstance(intent, stripe.PaymentIntent) else intent
    if not isinstance(name, str):
        return None
    top_ups.learn_payment(name)
    return TopUp.objects.filter(payment_intent=name).select_related("workspace").first()


def _catch_up(top_up: TopUp) -> None:
    """Take for the others of this payment what was not left when we learned of them."""
    about = {"payment_intent": str(top_up.payment_intent), "limit": 100}
    with gateway.asking() as client:
        refunds = list(client.v1.refunds.list(about).auto_paging_iter())  # type: ignore[arg-type]
        disputes = list(client.v1.disputes.list(about).auto_paging_iter())  # type: ignore[arg-type]
    for refund in refunds:
        if refund.status in TAKEN:
            _take(top_up, refund.id, gateway.micros(refund.amount), "Refunded to the card")
    for dispute in disputes:
        if not _is_won(dispute):
            _withdrawn(top_up, dispute)


def _withdrawn(top_up: TopUp, dispute: stripe.Dispute) -> str:
    taken = -sum(one.amount for one in dispute.balance_transactions if one.amount < 0)
    if not taken:
        return "nothing was withdrawn"
    return _take(top_up, dispute.id, gateway.micros(taken), "Disputed with the bank")


def _is_won(dispute: stripe.Dispute) -> bool:
    moved = [one.amount for one in dispute.balance_transactions]
    return bool(moved) and sum(moved) >= 0


def _take(top_up: TopUp, name: str, amount: int, why: str) -> str:
    """As much of it as the top-up brought and nothing else has taken back before."""
    with transaction.atomic():
        wallet = Wallet.objects.select_for_update().get(pk=top_up.workspace_id)
        if _moves(f"reinstate:{name}"):
            return "given back before"
        before = sum(one.amount for one in _moves(f"clawback:{name}"))
        due = min(amount - before, left(top_up))
        if due <= 0:
            return "clawed back before" if before else "nothing left to claw back"
        key = f"{name}:after:{before}" if before else name
        moved = ledger.claw_back(
            wallet=wallet, amount=due, key=key, reference=top_up.reference, description=why
        )
        notices.reversed_(top_up, moved, why=why, is_back=False)
    return "clawed back"


def _give(top_up: TopUp, name: str, why: str) -> str:
    with transaction.atomic():
        wallet = Wallet.objects.select_for_update().get(pk=top_up.workspace_id)
        taken = sum(one.amount for one in _moves(f"clawback:{name}"))
        if not taken:
            return "nothing was clawed back"
        if _moves(f"reinstate:{name}"):
            return "given back before"
        moved = ledger.reinstate(
            wallet=wallet, amount=taken, key=name, reference=top_up.reference, description=why
        )
        notices.reversed_(top_up, moved, why=why, is_back=True)
    return "given back"


def _moves(key: str) -> list[Transfer]:
    """All of them: in parts, and each as far as it was there and the rest."""
    return list(Transfer.objects.filter(Q(key=key) | Q(key__startswith=f"{key}:")))
