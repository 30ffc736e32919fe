"""Refunds: at once for cards; one may still come back when the bank does not take it."""

from __future__ import annotations

from collections.abc import Mapping

from billing.sandbox.kinds import Thing, new_id

REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def new(
    now: int, charge: Thing, cents: int, reason: str | None, metadata: Mapping[str, str]
) -> Thing:
    card = charge["payment_method_details"]["type"] == "card"
    return {
        "id": new_id("re_3" if card else "pyr_1"),
        "object": "refund",
        "amount": cents,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number",
                     "type": "refund"},
            "type": "card",
        } if card else {"type": "us_bank_transfer", "us_bank_transfer": {}},
        "metadata": dict(metadata),
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }  # fmt: skip


def booked(refund: Thing, transaction: str) -> Thing:
    return {**refund, "balance_transaction": transaction}


def referenced(refund: Thing, reference: str) -> Thing:
    """The bank's reference has come, by which the customer can ask for it."""
    card = refund["destination_details"].get("card")
    if card is None:
        return refund
    known = {**card, "reference": reference, "reference_status": "available"}
    return {**refund, "destination_details": {"card": known, "type": "card"}}


def failed(refund: Thing, transaction: str, reason: str) -> Thing:
    return {
        **refund,
        "failure_balance_transaction": transaction,
        "failure_reason": reason,
        "status": "failed",
    }
