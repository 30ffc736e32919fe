"""Money that staff give back to the card it came from."""

from __future__ import annotations

from billing.models import TopUp
from billing.payments import gateway, reversals


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
