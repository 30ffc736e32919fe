"""Balance transactions: what each movement did to the account, with Stripe's fee; cents."""

from __future__ import annotations

from billing.sandbox.kinds import Thing, new_id

#: 2.9 % and 30 cents of a card payment in the USA (stripe.com/pricing), 15 dollars a dispute
CARD_PER_MILLE, CARD_FIXED_CENTS, DISPUTE_CENTS = 29, 30, 1500
#: 0.8 % of a bank debit, at most 5 dollars
BANK_PER_MILLE, BANK_MOST_CENTS = 8, 500

_AVAILABLE_AFTER = 2 * 24 * 3600


def of_charge(now: int, charge: Thing) -> Thing:
    card = charge["payment_method_details"]["type"] == "card"
    fee = _card_fee(charge["amount"]) if card else _bank_fee(charge["amount"])
    return _new(now, charge, charge["amount"], fee, "charge" if card else "payment", "charge")


def of_refund(now: int, refund: Thing, *, card: bool) -> Thing:
    """Stripe keeps its fee when money goes back."""
    kind = "refund" if card else "payment_refund"
    return _new(now, refund, -refund["amount"], 0, kind, "refund")


def of_failed_refund(now: int, refund: Thing) -> Thing:
    return _new(now, refund, refund["amount"], 0, "refund_failure", "refund_failure")


def of_dispute(now: int, dispute: Thing) -> Thing:
    cents = -dispute["amount"]
    return _new(now, dispute, cents, DISPUTE_CENTS, "adjustment", "dispute")


def of_won_dispute(now: int, dispute: Thing) -> Thing:
    return _new(now, dispute, dispute["amount"], 0, "adjustment", "dispute_reversal")


def seen_at(transaction: Thing, now: int) -> Thing:
    """Money becomes available some days later."""
    if transaction["available_on"] > now:
        return transaction
    return {**transaction, "status": "available"}


def _new(now: int, source: Thing, cents: int, fee: int, kind: str, category: str) -> Thing:
    return {
        "id": new_id("txn_3"),
        "object": "balance_transaction",
        "amount": cents,
        "available_on": now + _AVAILABLE_AFTER,
        "balance_type": "payments",
        "created": now,
        "currency": source["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [_fee(fee, source["currency"])] if fee else [],
        "net": cents - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }


def _card_fee(cents: int) -> int:
    return (cents * CARD_PER_MILLE + 500) // 1000 + CARD_FIXED_CENTS


def _bank_fee(cents: int) -> int:
    return min(BANK_MOST_CENTS, (cents * BANK_PER_MILLE + 500) // 1000)


def _fee(cents: int, currency: str) -> Thing:
    return {
        "amount": cents,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
