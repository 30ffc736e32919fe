"""Disputes: needs_response → under_review → won or lost."""

from __future__ import annotations

from collections.abc import Mapping

from billing.sandbox.kinds import Thing, new_id

REASONS = {
    "bank_cannot_process",
    "credit_not_processed",
    "duplicate",
    "fraudulent",
    "general",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
}

OPEN = {"needs_response", "under_review"}

EVIDENCE = (
    "access_activity_log", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "product_description",
    "receipt", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation",
    "service_date", "service_documentation", "uncategorized_file", "uncategorized_text",
)  # fmt: skip

_ANSWER_WITHIN = 9 * 24 * 3600


def new(now: int, charge: Thing, cents: int, reason: str) -> Thing:
    return {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": cents,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE),
        "evidence_details": {
            "due_by": now + _ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"].get("card", {}).get("brand"),
                "case_type": "chargeback",
                "network_reason_code": "83",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def booked(dispute: Thing, transaction: Thing) -> Thing:
    """With one more movement of money, which a dispute shows whole."""
    return {**dispute, "balance_transactions": [*dispute["balance_transactions"], transaction]}


def answered(dispute: Thing, evidence: Mapping[str, str], *, submitted: bool) -> Thing:
    told = {**dispute["evidence"], **evidence}
    details = dispute["evidence_details"]
    known = {**details, "has_evidence": any(told.values())}
    if submitted:
        known["submission_count"] = details["submission_count"] + 1
    status = "under_review" if submitted else dispute["status"]
    return {**dispute, "evidence": told, "evidence_details": known, "status": status}


def won(dispute: Thing) -> Thing:
    return {**dispute, "status": "won"}


def lost(dispute: Thing) -> Thing:
    return {**dispute, "status": "lost"}
