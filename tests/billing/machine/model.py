"""What must be true of a wallet, in plain Python: what Stripe has, and what we were told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Purse:
    """Available, held and owed, as DESIGN section 5 says they move."""

    available: int = 0
    held: int = 0
    debt: int = 0

    def comes_in(self, amount: int) -> None:
        """Debt is paid out of it."""
        self.available += amount
        paid = min(self.debt, amount)
        self.available, self.debt = self.available - paid, self.debt - paid

    def is_taken_back(self, amount: int) -> None:
        taken = min(self.available, amount)
        self.available, self.debt = self.available - taken, self.debt + amount - taken

    def is_given_back(self, amount: int) -> None:
        canceled = min(self.debt, amount)
        self.debt, self.available = self.debt - canceled, self.available + amount - canceled


@dataclass
class Reversal:
    """A refund or a dispute: how much, whether Stripe has it still, and what we did about it."""

    name: str
    amount: int
    is_dispute: bool
    stands: bool = True
    decided: bool = False
    taken: int = 0
    given: bool = False


@dataclass
class Payment:
    """One top-up: at Stripe, and in our books."""

    session: str
    intent: str
    amount: int
    paid: bool
    on_its_way: bool
    credited: bool = False
    reversals: dict[str, Reversal] = field(default_factory=dict)

    @property
    def refunds(self) -> list[Reversal]:
        return [one for one in self.reversals.values() if not one.is_dispute]

    @property
    def dispute(self) -> Reversal | None:
        return next((one for one in self.reversals.values() if one.is_dispute), None)

    @property
    def refundable(self) -> int:
        if not self.paid or (self.dispute and self.dispute.stands):
            return 0
        return self.amount - sum(one.amount for one in self.refunds if one.stands)

    @property
    def at_stripe(self) -> int:
        """Received less reversed; a refund and a dispute may take more than there was."""
        reversed = sum(one.amount for one in self.reversals.values() if one.stands)
        return max(0, self.amount - reversed) if self.paid else 0

    @property
    def in_books(self) -> int:
        taken = sum(one.taken for one in self.reversals.values() if not one.given)
        return self.amount - taken if self.credited else 0


class Books:
    """What we do when we are told of something: only what Stripe has now counts."""

    def __init__(self) -> None:
        self.purse = Purse()
        self.payments: dict[str, Payment] = {}

    def told(self, type: str, name: str, intent: str | None) -> None:
        payment = self.payments.get(intent or "")
        if payment is None:
            return
        if type.startswith(("checkout.session.", "payment_intent.")):
            self._credit(payment)
        elif type == "charge.refunded":
            for refund in reversed(payment.refunds):
                self._learn(payment, refund)
        elif type in ("refund.created", "refund.updated", "refund.failed") or "dispute" in type:
            self._learn(payment, payment.reversals[name])

    def look(self) -> None:
        for payment in self.payments.values():
            self._credit(payment)

    def _credit(self, payment: Payment) -> None:
        if payment.paid and not payment.credited:
            payment.credited = True
            self.purse.comes_in(payment.amount)

    def _learn(self, payment: Payment, one: Reversal) -> None:
        self._credit(payment)
        if one.stands or one.is_dispute:
            self._take(payment, one)
        if not one.stands:
            self._give(one)
            for other in payment.reversals.values():
                if other.stands:
                    self._take(payment, other)

    def _take(self, payment: Payment, one: Reversal) -> None:
        due = 0 if one.given else min(one.amount - one.taken, payment.in_books)
        one.taken += due
        self.purse.is_taken_back(due)

    def _give(self, one: Reversal) -> None:
        if one.taken and not one.given:
            one.given = True
            self.purse.is_given_back(one.taken)
