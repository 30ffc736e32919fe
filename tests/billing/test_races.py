"""Real parallel transactions on one wallet."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from billing import audit, ledger
from billing.ledger import Balance
from tests.factories import a_workspace

pytestmark = pytest.mark.django_db(transaction=True)

CLIP = 280_000
AT_ONCE = 12  # connections; the pool has 16


def together(calls: list[Callable[[], object]]) -> Counter[str]:
    """Run them at the same moment; what each ended in, counted."""
    barrier = threading.Barrier(min(len(calls), AT_ONCE))

    def run(number: int, call: Callable[[], object]) -> str:
        try:
            if number < barrier.parties:
                barrier.wait(10)
            call()
        except ledger.LedgerError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(run, range(len(calls)), calls))


def test_twenty_holds_race_for_money_for_five(db):
    wallet = a_workspace(deposit="1.40").wallet

    ends = together(
        [
            lambda n=n: ledger.hold(wallet=wallet, amount=CLIP, reference=f"generation:{n}")
            for n in range(20)
        ]
    )

    assert ends == {"done": 5, "InsufficientFunds": 15}
    assert ledger.balance(wallet) == Balance(available=0, held=5 * CLIP)
    assert audit.own_faults() == []


def test_the_same_deposit_arriving_many_times_at_once_counts_once(db):
    wallet = a_workspace().wallet

    ends = together(
        [lambda: ledger.deposit(wallet=wallet, amount=CLIP, key="stripe:cs_1") for _ in range(24)]
    )

    assert ends == {"done": 24}
    assert ledger.balance(wallet).available == CLIP
    assert audit.own_faults() == []


@pytest.mark.parametrize("round", range(5))
def test_capture_and_release_race_and_exactly_one_wins(db, round):
    wallet = a_workspace(deposit="1.00").wallet
    ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")

    def capture():
        ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")

    def release():
        ledger.release(wallet=wallet, reference="generation:a")

    ends = together([capture, release] * 6)

    assert ends == {"done": 6, "NotHeld": 6}
    assert ledger.balance(wallet).held == 0
    assert audit.own_faults() == []
