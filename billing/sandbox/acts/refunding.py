"""Money goes back to the customer, whole or in parts, never more than came."""

from __future__ import annotations

from collections.abc import Mapping

from billing.sandbox.kinds import Thing, new_id
from billing.sandbox.money import spoken
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import unexpected
from billing.sandbox.shapes import balance
from billing.sandbox.shapes import charge as charges
from billing.sandbox.shapes import refund as refunds


def refund(
    bank: Bank,
    charge: Thing,
    *,
    cents: int | None = None,
    reason: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Thing:
    """Give back so much, or all that is left. Raises Refusal when that cannot be."""
    amount = _allowed(charge, cents, taken_back=_is_taken_back(bank, charge))
    card = charge["payment_method_details"]["type"] == "card"
    made = refunds.new(bank.now(), charge, amount, reason, metadata or {})
    transaction = bank.shelf.put(balance.of_refund(bank.now(), made, card=card))
    booked = bank.shelf.put(refunds.booked(made, transaction["id"]))
    changed = bank.shelf.save(charges.refunded(charge, amount))
    bank.events.record("refund.created", booked)
    bank.events.record("charge.refunded", changed, charge)
    known = bank.shelf.save(refunds.referenced(booked, new_id("", 12).upper()))
    _tell(bank, known, booked)
    return known


def fail(bank: Bank, refund: Thing, reason: str = "expired_or_canceled_card") -> Thing:
    """The customer's bank did not take it: the money is with us again."""
    if refund["status"] != "succeeded":
        raise unexpected("This refund has not succeeded.")
    charge = bank.shelf.get(refund["charge"])
    transaction = bank.shelf.put(balance.of_failed_refund(bank.now(), refund))
    changed = bank.shelf.save(refunds.failed(refund, transaction["id"], reason))
    bank.shelf.save(charges.refunded(charge, -refund["amount"]))
    _tell(bank, changed, refund)
    bank.events.record("refund.failed", changed)
    return changed


def _tell(bank: Bank, refund: Thing, before: Thing) -> None:
    bank.events.record("refund.updated", refund, before)
    bank.events.record("charge.refund.updated", refund, before)


def _is_taken_back(bank: Bank, charge: Thing) -> bool:
    """Whether the customer's bank has the money: a dispute that is not won."""
    return any(one["status"] != "won" for one in bank.shelf.all("dispute", charge=charge["id"]))


def _allowed(charge: Thing, cents: int | None, *, taken_back: bool) -> int:
    left = charges.refundable_cents(charge)
    if charge["status"] != "succeeded":
        raise unexpected(
            "This charge has not succeeded and cannot be refunded.", "charge_not_refundable"
        )
    if taken_back:
        raise unexpected(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            "charge_disputed",
        )
    if left == 0:
        raise unexpected(
            f"Charge {charge['id']} has already been refunded.", "charge_already_refunded"
        )
    if cents is not None and cents > left:
        asked = spoken(cents, charge["currency"])
        told = f"is greater than unrefunded amount on charge ({spoken(left, charge['currency'])})"
        raise unexpected(f"Refund amount ({asked}) {told}", param="amount")
    return left if cents is None else cents
