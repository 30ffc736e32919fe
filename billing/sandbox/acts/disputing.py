"""A customer's bank takes the money back; the shop answers; one side wins."""

from __future__ import annotations

from collections.abc import Mapping

from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import unexpected
from billing.sandbox.shapes import balance
from billing.sandbox.shapes import charge as charges
from billing.sandbox.shapes import dispute as disputes

#: Evidence with exactly these words decides a dispute (docs.stripe.com/testing#disputes).
WINNING, LOSING = "winning_evidence", "losing_evidence"


def dispute(bank: Bank, charge: Thing, *, reason: str, cents: int | None = None) -> Thing:
    """Open one over so much, or all of it; the money is withdrawn at once."""
    amount = charge["amount_captured"] if cents is None else cents
    if charge["disputed"] or charge["status"] != "succeeded":
        raise unexpected("This charge cannot be disputed.", "charge_disputed")
    if not 0 < amount <= charge["amount_captured"]:
        raise unexpected("A dispute is over at most what was paid.", param="amount")
    disputed = bank.shelf.save(charges.disputed(charge))
    opened = bank.shelf.put(disputes.new(bank.now(), disputed, amount, reason))
    bank.events.record("charge.dispute.created", opened)
    transaction = bank.shelf.put(balance.of_dispute(bank.now(), opened))
    withdrawn = bank.shelf.save(disputes.booked(opened, transaction))
    bank.events.record("charge.dispute.funds_withdrawn", withdrawn)
    return withdrawn


def answer(bank: Bank, dispute: Thing, evidence: Mapping[str, str], *, submitted: bool) -> Thing:
    """Send evidence; Stripe's two magic texts decide at once."""
    _must_be_open(dispute)
    changed = bank.shelf.save(disputes.answered(dispute, evidence, submitted=submitted))
    bank.events.record("charge.dispute.updated", changed, dispute)
    text = changed["evidence"]["uncategorized_text"]
    if submitted and text == WINNING:
        return win(bank, changed)
    if submitted and text == LOSING:
        return lose(bank, changed)
    return changed


def win(bank: Bank, dispute: Thing) -> Thing:
    """The shop was right, and the money comes back."""
    _must_be_open(dispute)
    transaction = bank.shelf.put(balance.of_won_dispute(bank.now(), dispute))
    changed = bank.shelf.save(disputes.won(disputes.booked(dispute, transaction)))
    bank.events.record("charge.dispute.funds_reinstated", changed)
    bank.events.record("charge.dispute.closed", changed)
    return changed


def lose(bank: Bank, dispute: Thing) -> Thing:
    """The money stays withdrawn."""
    _must_be_open(dispute)
    changed = bank.shelf.save(disputes.lost(dispute))
    bank.events.record("charge.dispute.closed", changed)
    return changed


def _must_be_open(dispute: Thing) -> None:
    if dispute["status"] not in disputes.OPEN:
        raise unexpected("This dispute is already closed", "dispute_already_closed")
