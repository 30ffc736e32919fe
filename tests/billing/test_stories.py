"""Money, told as stories. Each ends with the audit."""

from __future__ import annotations

import pytest

from billing import ledger
from billing.ledger import Balance
from billing.money import MICROS
from tests.factories import a_workspace

pytestmark = pytest.mark.usefixtures("audited")

CLIP = 280_000


def test_a_delivered_clip_is_held_then_captured(wallet):
    ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")
    assert ledger.balance(wallet) == Balance(available=10 * MICROS - CLIP, held=CLIP)

    ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")
    assert ledger.balance(wallet) == Balance(available=10 * MICROS - CLIP, held=0)


def test_a_failed_clip_gives_the_money_back(wallet):
    ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")

    ledger.release(wallet=wallet, reference="generation:a")

    assert ledger.balance(wallet) == Balance(available=10 * MICROS, held=0)


def test_a_cheaper_delivery_gives_the_difference_back(wallet):
    ledger.hold(wallet=wallet, amount=490_000, reference="generation:a")

    ledger.capture(wallet=wallet, amount=350_000, reference="generation:a")

    assert ledger.balance(wallet) == Balance(available=10 * MICROS - 350_000, held=0)
    kinds = [transfer.kind for transfer in ledger.transfers_of("generation:a")]
    assert kinds == ["hold", "capture", "release"]


def test_a_refund_comes_back_whole_or_in_parts_but_never_more(wallet):
    ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")
    ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")

    ledger.refund(wallet=wallet, amount=100_000, reference="generation:a", number=1)
    ledger.refund(wallet=wallet, amount=180_000, reference="generation:a", number=2)
    with pytest.raises(ledger.UnableToMove):
        ledger.refund(wallet=wallet, amount=1, reference="generation:a", number=3)

    assert ledger.balance(wallet) == Balance(available=10 * MICROS, held=0)


def test_every_move_asked_for_twice_is_done_once(wallet):
    for _ in range(2):
        ledger.deposit(wallet=wallet, amount=5 * MICROS, key="stripe:cs_1")
        ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")
        ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")
        ledger.refund(wallet=wallet, amount=CLIP, reference="generation:a", number=1)
        ledger.adjust(wallet=wallet, amount=-MICROS, key="x", description="Fix", actor="staff")

    assert ledger.balance(wallet) == Balance(available=14 * MICROS, held=0)


def test_what_was_captured_is_never_released(wallet):
    ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")
    ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")

    with pytest.raises(ledger.NotHeld):
        ledger.release(wallet=wallet, reference="generation:a")


def test_what_was_released_is_never_captured(wallet):
    ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")
    ledger.release(wallet=wallet, reference="generation:a")

    with pytest.raises(ledger.NotHeld):
        ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")


def test_more_than_was_held_is_never_captured(wallet):
    ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")

    with pytest.raises(ledger.NotHeld):
        ledger.capture(wallet=wallet, amount=CLIP + 1, reference="generation:a")

    assert ledger.balance(wallet).held == CLIP


def test_nothing_is_captured_or_released_that_was_not_held(wallet):
    with pytest.raises(ledger.NotHeld):
        ledger.capture(wallet=wallet, amount=CLIP, reference="generation:a")
    with pytest.raises(ledger.NotHeld):
        ledger.release(wallet=wallet, reference="generation:a")


def test_an_empty_wallet_holds_nothing_and_says_what_is_missing(db):
    wallet = a_workspace(deposit="0.27").wallet

    with pytest.raises(ledger.InsufficientFunds) as short:
        ledger.hold(wallet=wallet, amount=CLIP, reference="generation:a")

    assert (short.value.needed, short.value.available) == (CLIP, 270_000)
    assert ledger.balance(wallet) == Balance(available=270_000, held=0)


def test_staff_can_correct_in_both_directions_but_not_below_zero(wallet):
    ledger.adjust(wallet=wallet, amount=MICROS, key="a", description="Goodwill", actor="staff")
    ledger.adjust(wallet=wallet, amount=-2 * MICROS, key="b", description="Fix", actor="staff")
    with pytest.raises(ledger.InsufficientFunds):
        ledger.adjust(wallet=wallet, amount=-10 * MICROS, key="c", description="Fix", actor="staff")

    assert ledger.balance(wallet).available == 9 * MICROS


@pytest.mark.parametrize("amount", [0, -1, 1.0, None, 10**18, True and "1"])
def test_what_is_no_amount_is_not_moved(wallet, amount):
    with pytest.raises(ledger.UnableToMove):
        ledger.hold(wallet=wallet, amount=amount, reference="generation:a")


def test_a_key_is_not_used_for_another_amount(wallet):
    ledger.deposit(wallet=wallet, amount=MICROS, key="stripe:cs_1")

    with pytest.raises(ledger.UnableToMove):
        ledger.deposit(wallet=wallet, amount=2 * MICROS, key="stripe:cs_1")


def test_history_is_newest_first_and_goes_on_where_it_ended(alice, wallet):
    for number in range(5):
        ledger.deposit(wallet=wallet, amount=MICROS, key=f"n:{number}")

    first = ledger.history(workspace=alice.workspace, limit=4)
    rest = ledger.history(workspace=alice.workspace, before=first[-1].position, limit=4)

    assert [row.position for row in first + rest] == [6, 5, 4, 3, 2, 1]
    assert first[0].available_after == 15 * MICROS
