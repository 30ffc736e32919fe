"""Charges: one attempt to get money; what of it went back, and whether it is disputed."""

from __future__ import annotations

from billing.sandbox.cards import Decline
from billing.sandbox.kinds import Thing, new_id
from billing.sandbox.shapes import method as methods


def new(now: int, intent: Thing, method: Thing, receipt_url: str) -> Thing:
    """An attempt that is not decided."""
    card = method["type"] == "card"
    return {
        "id": new_id("ch_3" if card else "py_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": methods.details(method),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": receipt_url,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "pending",
        "transfer_data": None,
        "transfer_group": None,
    }


def succeeded(charge: Thing, transaction: str) -> Thing:
    outcome = _outcome("approved_by_network", "authorized", "Payment complete.", None)
    return {
        **charge,
        "amount_captured": charge["amount"],
        "balance_transaction": transaction,
        "captured": True,
        "outcome": outcome,
        "paid": True,
        "status": "succeeded",
    }


def failed(charge: Thing, why: Decline) -> Thing:
    reason = why.decline_code or why.code
    said = "The bank did not return any further details with this decline."
    return {
        **charge,
        "failure_code": why.code,
        "failure_message": why.message,
        "outcome": _outcome("declined_by_network", "issuer_declined", said, reason),
        "paid": False,
        "receipt_url": None,
        "status": "failed",
    }


def refundable_cents(charge: Thing) -> int:
    return int(charge["amount_captured"]) - int(charge["amount_refunded"])


def refunded(charge: Thing, cents: int) -> Thing:
    """So much more of it went back; a negative amount came again, when a refund has failed."""
    total = charge["amount_refunded"] + cents
    return {**charge, "amount_refunded": total, "refunded": total == charge["amount_captured"]}


def disputed(charge: Thing) -> Thing:
    return {**charge, "disputed": True}


def _outcome(status: str, kind: str, said: str, reason: str | None) -> Thing:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": status,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 7,
        "seller_message": said,
        "type": kind,
    }
