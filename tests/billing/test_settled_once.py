"""A hold is settled once, also where the wallet holds money for others to be taken by mistake."""

from __future__ import annotations

import pytest

from billing import audit, ledger
from billing.models import Transfer
from tests.factories import a_workspace

pytestmark = pytest.mark.django_db

CLIP = 280_000


@pytest.fixture
def wallet():
    """It holds the price of two clips."""
    wallet = a_workspace(deposit="1.00").wallet
    for name in "ab":
        ledger.hold(wallet=wallet, amount=CLIP, reference=f"generation:{name}")
    return wallet


def capture(wallet):
    return ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")


def release(wallet):
    return ledger.release(wallet=wallet, reference="generation:a")


@pytest.mark.parametrize(("first", "second"), [(capture, release), (release, capture)])
def test_what_was_settled_is_never_settled_otherwise_out_of_anothers_hold(wallet, first, second):
    done = first(wallet)

    with pytest.raises(ledger.NotHeld):
        second(wallet)

    assert ledger.balance(wallet).held == CLIP
    assert first(wallet).pk == done.pk
    assert audit.own_faults() == []


@pytest.mark.parametrize("settle", [capture, release])
def test_both_ends_of_a_hold_share_the_one_key_that_can_be_used_once(wallet, settle):
    settle(wallet)

    settled = Transfer.objects.filter(reference="generation:a", debit="held")
    assert settled.values_list("key", flat=True).get() == "settle:generation:a"
