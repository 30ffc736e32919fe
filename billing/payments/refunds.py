"""Money that staff give back to the card it came from: at once, or when a second person agrees."""

from __future__ import annotations

import uuid
from datetime import datetime

from accounts import ids, proposals
from accounts.models import Proposal, User
from accounts.proposals import NotPossible
from billing import money
from billing.models import TopUp, TopUpState
from billing.payments import gateway, reversals

ACT = "top_up.refund"


def refund(
    top_up: TopUp,
    *,
    amount: int,
    key: str,
    reason: str,
    by: User,
    now: datetime,
    address: str | None = None,
) -> str:
    """
    Give some of it back, once per key. Says what came of it.

    :raises NotPossible: nothing was refunded; it says why.
    """
    return proposals.act(
        ACT,
        by=by,
        subject=top_up.public_id,
        workspace=top_up.workspace,
        amount=amount,
        reason=reason,
        data={"key": key},
        now=now,
        address=address,
    )


def give(top_up: TopUp, *, amount: int, key: str, reason: str) -> str:
    """
    Refund some of it, once per key. What is spent already becomes debt.

    :raises gateway.PaymentError: nothing was refunded, or (Unreachable) try again.
    """
    with gateway.asking() as client:
        refund = client.v1.refunds.create(
            {
                "payment_intent": str(top_up.payment_intent),
                "amount": gateway.cents(amount),
                "metadata": {"reason": reason},
            },
            {"idempotency_key": f"refund-{key}"},
        )
    return reversals.learn_refund(refund)


def _refunded(wish: Proposal, by: User) -> str:
    """Whether so much is left Stripe knows best: it refuses what is too much."""
    id = ids.private("top", wish.subject) or uuid.UUID(int=0)
    top_up = TopUp.objects.get(pk=id)
    if top_up.state != TopUpState.PAID:
        raise NotPossible("There is nothing to refund.")
    try:
        give(top_up, amount=wish.amount, key=wish.data["key"], reason=wish.reason)
    except gateway.PaymentError as problem:
        raise NotPossible(str(problem)) from None
    return f"Refunded {money.usd(wish.amount)} USD: {wish.reason}"


proposals.register(ACT, run=_refunded, permission="billing.refund_topup", outside=True)
