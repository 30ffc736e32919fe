"""Whatever is done to a wallet in whatever order, it agrees with a simple model and the audit."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from billing import audit, ledger
from tests.factories import a_workspace

pytestmark = pytest.mark.slow

AMOUNTS = st.integers(1, 2_000_000)
REFERENCES = st.sampled_from(["a", "b", "c", "d"])


class Wallets(RuleBasedStateMachine):
    """One wallet beside a model of it that a child could check."""

    def __init__(self) -> None:
        super().__init__()
        self.wallet = a_workspace().wallet
        self.available = self.held = 0
        self.holds: dict[str, int] = {}
        self.settled: dict[str, tuple[str, int]] = {}
        self.deposits: dict[str, int] = {}

    @rule(amount=AMOUNTS, key=REFERENCES)
    def deposit(self, amount: int, key: str) -> None:
        call = {"wallet": self.wallet, "amount": amount, "key": self._own(key)}
        if self.deposits.get(key, amount) != amount:
            with pytest.raises(ledger.UnableToMove):
                ledger.deposit(**call)
            return
        ledger.deposit(**call)
        if key not in self.deposits:
            self.deposits[key] = amount
            self.available += amount

    @rule(amount=AMOUNTS, reference=REFERENCES)
    def hold(self, amount: int, reference: str) -> None:
        call = {"wallet": self.wallet, "amount": amount, "reference": self._own(reference)}
        if reference in self.holds:
            if self.holds[reference] == amount:
                ledger.hold(**call)
            else:
                with pytest.raises(ledger.UnableToMove):
                    ledger.hold(**call)
        elif amount > self.available:
            with pytest.raises(ledger.InsufficientFunds):
                ledger.hold(**call)
        else:
            ledger.hold(**call)
            self.holds[reference] = amount
            self.available, self.held = self.available - amount, self.held + amount

    @rule(share=st.integers(1, 100), reference=REFERENCES)
    def capture(self, share: int, reference: str) -> None:
        amount = max(1, self.holds.get(reference, 100) * share // 100)
        wanted, call = ("capture", amount), {"amount": amount, "reference": self._own(reference)}
        if reference not in self.holds or self.settled.get(reference, wanted) != wanted:
            with pytest.raises(ledger.NotHeld):
                ledger.capture(wallet=self.wallet, **call)
            return
        ledger.capture(wallet=self.wallet, **call)
        self._settle(reference, wanted, back=self.holds[reference] - amount)

    @rule(reference=REFERENCES)
    def release(self, reference: str) -> None:
        wanted = ("release", self.holds.get(reference, 0))
        if reference not in self.holds or self.settled.get(reference, wanted) != wanted:
            with pytest.raises(ledger.NotHeld):
                ledger.release(wallet=self.wallet, reference=self._own(reference))
            return
        ledger.release(wallet=self.wallet, reference=self._own(reference))
        self._settle(reference, wanted, back=self.holds[reference])

    @invariant()
    def the_wallet_is_what_the_model_says(self) -> None:
        assert ledger.balance(self.wallet) == ledger.Balance(self.available, self.held)

    def teardown(self) -> None:
        assert audit.own_faults() == []

    def _settle(self, reference: str, wanted: tuple[str, int], *, back: int) -> None:
        if reference not in self.settled:
            self.settled[reference] = wanted
            self.held -= self.holds[reference]
            self.available += back

    def _own(self, name: str) -> str:
        return f"{self.wallet.pk.hex}:{name}"


class TestWallets(TestCase):
    def test_they_agree_with_the_model(self) -> None:
        run_state_machine_as_test(
            Wallets,
            settings=settings(
                max_examples=60,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
