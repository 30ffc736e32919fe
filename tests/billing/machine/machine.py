"""Whatever happens to a wallet, in whatever order, it is what the model says and Stripe has."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billing import audit, ledger, limits, promotions, quotes, spending
from billing.models import PromotionCode, Quote, Rate, SpendLimit, TopUp
from tests.billing.machine.model import Books, Payment, Purse, Reversal
from tests.billing.machine.shop import CENT, Shop
from tests.billing.sandbox.house import House
from tests.factories import a_workspace

PICK = st.integers(0, 11)
SHARE = st.integers(1, 4)  # quarters
SUBJECTS = ["key:key_1", "member:usr_1", "workspace"]
WHO = [{}, {"member": "usr_1"}, {"member": "usr_1", "key": "key_1"}]
HOW = ["by card", "by card", "by card", "by bank", "leaves"]
PRICES = [280_000, 490_000, 3_000_000]
CODES = {"ONE": 1_000_000, "TWO": 2_500_000}
WINDOWS = {"key:key_1": "lifetime", "member:usr_1": "month", "workspace": "lifetime"}


class Wallets(RuleBasedStateMachine):
    """A rule does one thing in the product and in the model; each example is rolled back."""

    house: ClassVar[House]
    runs: ClassVar[int] = 0
    steps: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        type(self).runs += 1
        self._example = transaction.atomic()
        self._example.__enter__()
        self.house.tell("reset")
        self.books = Books()
        self.workspace = a_workspace()
        self.shop = Shop(self.house, self.workspace, self.books)
        self.quotes: list[Quote] = []
        self.open: dict[str, int] = {}
        self.captured: dict[str, list[int]] = {}
        self.counted: dict[str, dict[str, int]] = {}
        self.most: dict[str, int] = {}
        self.redeemed: set[str] = set()
        self.rate = Rate.objects.order_by("pk")[0]
        for code, amount in CODES.items():
            PromotionCode.objects.create(code=code, amount=amount, most_uses=5)

    # Money comes in

    @precondition(lambda self: self.shop.pages < 4)
    @rule(dollars=st.sampled_from([5, 10, 25]), how=st.sampled_from(HOW))
    def somebody_tops_up(self, dollars: int, how: str) -> None:
        top_up = self.shop.opens_page(dollars)
        if how == "leaves":
            self.shop.leaves(top_up)
        else:
            self.shop.pays(top_up, by_bank=how == "by bank")

    @precondition(lambda self: self._payments(lambda one: one.on_its_way))
    @rule(pick=PICK, succeeded=st.booleans())
    def a_bank_transfer_ends(self, pick: int, succeeded: bool) -> None:
        found = self._payments(lambda one: one.on_its_way)
        self.shop.arrives(found[pick % len(found)], succeeded=succeeded)

    @rule(code=st.sampled_from([*CODES, "OTHER"]))
    def a_code_is_redeemed(self, code: str) -> None:
        call = {"workspace": self.workspace, "code": code, "actor": "", "now": timezone.now()}
        if code in self.redeemed or code not in CODES:
            with pytest.raises(promotions.CodeRefused):
                promotions.redeem(**call)
            return
        promotions.redeem(**call)
        self.redeemed.add(code)
        self.purse.available += CODES[code]

    # Money is taken back, and given back

    @precondition(lambda self: self._payments(lambda one: one.refundable > 0))
    @rule(pick=PICK, share=SHARE)
    def a_payment_is_refunded(self, pick: int, share: int) -> None:
        found = self._payments(lambda one: one.refundable > 0)
        one = found[pick % len(found)]
        self.shop.refunds(one, max(CENT, one.refundable * share // 4 // CENT * CENT))

    @precondition(lambda self: self._reversals(is_dispute=False))
    @rule(pick=PICK)
    def a_refund_fails(self, pick: int) -> None:
        found = self._reversals(is_dispute=False)
        self.shop.refund_fails(found[pick % len(found)])

    @precondition(lambda self: self._payments(lambda one: one.paid and not one.dispute))
    @rule(pick=PICK, share=SHARE)
    def a_payment_is_disputed(self, pick: int, share: int) -> None:
        found = self._payments(lambda one: one.paid and not one.dispute)
        one = found[pick % len(found)]
        self.shop.disputes(one, one.amount * share // 4 // CENT * CENT)

    @precondition(lambda self: self._reversals(is_dispute=True))
    @rule(pick=PICK, won=st.booleans())
    def a_dispute_is_decided(self, pick: int, won: bool) -> None:
        found = self._reversals(is_dispute=True)
        self.shop.decides(found[pick % len(found)], won=won)

    # We are told

    @precondition(lambda self: self.books.payments)
    @rule(seed=st.integers(0, 99), share=SHARE)
    def some_events_arrive_in_some_order(self, seed: int, share: int) -> None:
        said, dice = self.house.events(), random.Random(seed)
        self.shop.hears(dice.choices(said, k=max(1, len(said) * share // 4)))

    @precondition(lambda self: self.books.payments)
    @rule()
    def what_was_lost_is_swept(self) -> None:
        self.shop.sweeps()
        self.everything_is_as_at_stripe()

    @precondition(lambda self: self.books.payments)
    @rule()
    def what_is_open_is_looked_at(self) -> None:
        self.shop.looks()

    # Money is spent

    @rule(price=st.sampled_from(PRICES), count=st.integers(1, 3))
    def a_quote_is_given(self, price: int, count: int) -> None:
        self.quotes.append(
            quotes.give(
                workspace=self.workspace, binding="a clip", details={}, unit_price=price,
                rate_id=self.rate.pk, count=count, now=timezone.now(),
            )
        )  # fmt: skip

    @precondition(lambda self: self.quotes)
    @rule(pick=PICK, who=st.sampled_from(WHO), late=st.sampled_from([False] * 5 + [True]))
    def it_is_ordered(self, pick: int, who: dict[str, str], late: bool) -> None:
        quote = Quote.objects.get(pk=self.quotes[pick % len(self.quotes)].pk)
        names = [f"order:{quote.pk.hex}:{n}" for n in range(quote.count)]
        why = self._refusal(quote, who, late)
        if why:
            with pytest.raises(why):
                self._order(quote, names, who, late)
            return
        self._order(quote, names, who, late)
        self.purse.available -= quote.price
        self.purse.held += quote.price
        for name in names:
            self.open[name] = quote.unit_price
            for subject in self._limits_of(who):
                self.counted[subject][name] = quote.unit_price

    @precondition(lambda self: self.open)
    @rule(pick=PICK, share=SHARE)
    def it_is_delivered(self, pick: int, share: int) -> None:
        name = list(self.open)[pick % len(self.open)]
        held = self.open.pop(name)
        amount = held * share // 4
        ledger.capture(wallet=self.workspace.wallet, amount=amount, reference=name)
        self.captured[name] = [amount]
        self.purse.held -= held
        self.purse.comes_in(held - amount)
        self._count(name, amount)

    @precondition(lambda self: self.open)
    @rule(pick=PICK)
    def it_fails(self, pick: int) -> None:
        name = list(self.open)[pick % len(self.open)]
        held = self.open.pop(name)
        ledger.release(wallet=self.workspace.wallet, reference=name)
        self.purse.held -= held
        self.purse.comes_in(held)
        self._count(name, 0)

    @precondition(lambda self: self.captured)
    @rule(pick=PICK, share=SHARE)
    def it_is_refunded(self, pick: int, share: int) -> None:
        name = list(self.captured)[pick % len(self.captured)]
        moves = self.captured[name]
        amount = max(1, moves[0] * share // 4)
        call = {"amount": amount, "reference": name, "number": len(moves)}
        if sum(moves[1:]) + amount > moves[0]:
            with pytest.raises(ledger.UnableToMove):
                ledger.refund(wallet=self.workspace.wallet, **call)
            return
        ledger.refund(wallet=self.workspace.wallet, **call)
        moves.append(amount)
        self.purse.comes_in(amount)
        self._count(name, moves[0] - sum(moves[1:]))

    @rule(subject=st.sampled_from(SUBJECTS), clips=st.sampled_from([None, 0, 2, 6, 20]))
    def a_limit_is_set(self, subject: str, clips: int | None) -> None:
        amount = None if clips is None else clips * PRICES[0]
        spending.set_limit(self.workspace, subject=subject, window=WINDOWS[subject], amount=amount)
        if amount is None:
            self.counted.pop(subject, None)
            self.most.pop(subject, None)
        else:
            self.counted.setdefault(subject, {})
            self.most[subject] = amount

    @invariant()  # What must be true
    def the_books_are_right(self) -> None:
        type(self).steps += 1
        assert audit.own_faults() == []

    @invariant()
    def the_wallet_is_what_the_model_says(self) -> None:
        now, purse = self.shop.balance(), self.purse
        assert (now.available, now.held, now.debt) == (purse.available, purse.held, purse.debt)
        assert min(now.available, now.held, now.debt) >= 0
        assert now.held == sum(self.open.values())

    @invariant()
    def limits_count_what_is_held_and_kept(self) -> None:
        rows = SpendLimit.objects.filter(workspace=self.workspace)
        spent = {one.subject: one.spent for one in rows}
        assert spent == {name: sum(of.values()) for name, of in self.counted.items()}

    @invariant()
    def each_payment_is_in_the_books_as_we_were_told(self) -> None:
        found = self.shop.in_books()
        for payment in self.books.payments.values():
            assert found[payment.session] == payment.in_books

    def everything_is_as_at_stripe(self) -> None:
        """Received less reversed is what was credited, payment by payment."""
        found = self.shop.in_books()
        for payment in self.books.payments.values():
            assert found[payment.session] == payment.at_stripe
        assert TopUp.objects.filter(state="paid").count() == len(
            self._payments(lambda one: one.paid)
        )

    def teardown(self) -> None:
        if not hasattr(self, "_example"):
            return
        try:
            self.shop.sweeps()
            self.the_books_are_right()
            self.the_wallet_is_what_the_model_says()
            self.everything_is_as_at_stripe()
        finally:
            transaction.set_rollback(True)
            self._example.__exit__(None, None, None)

    @property
    def purse(self) -> Purse:
        return self.books.purse

    def _payments(self, wanted) -> list[Payment]:
        return [one for one in self.books.payments.values() if wanted(one)]

    def _reversals(self, *, is_dispute: bool) -> list[Reversal]:
        found = [one for payment in self._payments(bool) for one in payment.reversals.values()]
        return [one for one in found if one.is_dispute == is_dispute and not one.decided]

    def _limits_of(self, who: dict[str, str]) -> list[str]:
        named = limits.spender(self.workspace, **who).subjects
        return [subject for subject in named if subject in self.most]

    def _refusal(self, quote: Quote, who: dict[str, str], late: bool) -> type[Exception] | None:
        """What an order must be refused with, None where it must be taken."""
        if quote.used_at:
            return quotes.QuoteUsed
        if late:
            return quotes.QuoteExpired
        for subject in self._limits_of(who):
            if sum(self.counted[subject].values()) + quote.price > self.most[subject]:
                return limits.LimitReached
        short = self.purse.debt or self.purse.available < quote.price
        return ledger.InsufficientFunds if short else None

    def _order(self, quote: Quote, names: list[str], who: dict[str, str], late: bool) -> None:
        now = timezone.now()
        with transaction.atomic():
            quotes.use(
                id=quote.pk, workspace=self.workspace, binding="a clip", count=quote.count,
                now=now + timedelta(minutes=16 * late),
            )  # fmt: skip
            spender = limits.spender(self.workspace, **who)
            limits.count(spender, each=quote.unit_price, references=names, now=now)
            for name in names:
                ledger.hold(wallet=self.workspace.wallet, amount=quote.unit_price, reference=name)

    def _count(self, name: str, amount: int) -> None:
        for counted in self.counted.values():
            if name in counted:
                counted[name] = min(counted[name], amount)
