"""Refunds and disputes: what Stripe takes back is clawed back once, what it returns given back."""

from __future__ import annotations

import itertools
import random

import pytest
from django.core import mail
from django.utils import timezone

from accounts import letters
from billing import ledger
from billing.models import StripeEvent
from billing.payments import events
from tests.billing.payments.conftest import Shopper, post, told

pytestmark = pytest.mark.slow


def intent(top_up) -> str:
    top_up.refresh_from_db()
    return top_up.payment_intent


def test_a_refund_takes_the_money_back(shopper, house):
    top_up = shopper.paid("25")

    house.tell(f"payments/{intent(top_up)}/refund", amount=1000)
    told(house)
    told(house)

    assert shopper.balance == ("15.00", "0.00", "0.00")


def test_what_is_taken_back_and_what_comes_again_is_told_by_letter(shopper, house):
    top_up = shopper.paid("25")
    dispute = house.tell(f"payments/{intent(top_up)}/dispute", reason="fraudulent")
    for _ in range(2):
        told(house)
    house.tell(f"disputes/{dispute['id']}/win")
    told(house)
    letters.send_due(now=timezone.now())

    assert [letter.subject for letter in mail.outbox] == [
        "25.00 USD arrived in your wallet",
        "25.00 USD left your wallet",
        "A payment of 25.00 USD is yours again",
    ]
    assert "Disputed with the bank: 25.00 USD left the wallet" in mail.outbox[1].body
    assert "25.00 USD can be spent now" in mail.outbox[2].body


def test_what_is_owed_is_told_with_it(shopper, house):
    top_up = shopper.paid("25")
    ledger.hold(wallet=shopper.workspace.wallet, amount=20_000_000, reference="generation:a")
    house.tell(f"payments/{intent(top_up)}/refund")
    told(house)
    letters.send_due(now=timezone.now())

    assert "20.00 USD are owed. New orders wait" in mail.outbox[-1].body


def test_what_is_spent_becomes_debt_which_blocks_orders_and_is_paid_first(shopper, house):
    top_up = shopper.paid("25")
    wallet = shopper.workspace.wallet
    ledger.hold(wallet=wallet, amount=20_000_000, reference="generation:a")

    house.tell(f"payments/{intent(top_up)}/refund")
    told(house)
    assert shopper.balance == ("0.00", "20.00", "20.00"), "what is held stays held"
    with pytest.raises(ledger.InsufficientFunds):
        ledger.hold(wallet=wallet, amount=1, reference="generation:b")

    ledger.release(wallet=wallet, reference="generation:a")
    assert shopper.balance == ("0.00", "0.00", "0.00")
    shopper.paid("10")
    assert shopper.balance == ("10.00", "0.00", "0.00")


def test_a_top_up_pays_the_debt_and_the_page_says_so(shopper, house):
    top_up = shopper.paid("25")
    ledger.hold(wallet=shopper.workspace.wallet, amount=25_000_000, reference="generation:a")
    ledger.capture(wallet=shopper.workspace.wallet, amount=25_000_000, reference="generation:a")
    house.tell(f"payments/{intent(top_up)}/refund")
    told(house)
    assert "$25.00 are owed" in shopper.browser.get("/wallet").content.decode()

    shopper.paid("30")

    assert shopper.balance == ("5.00", "0.00", "0.00")


def test_a_dispute_takes_the_money_and_a_won_one_brings_it_back(shopper, house):
    top_up = shopper.paid("25")

    dispute = house.tell(f"payments/{intent(top_up)}/dispute", reason="fraudulent")
    told(house)
    assert shopper.balance == ("0.00", "0.00", "0.00")

    house.tell(f"disputes/{dispute['id']}/win")
    told(house)
    told(house)
    assert shopper.balance == ("25.00", "0.00", "0.00")


def test_a_lost_dispute_stays_lost(shopper, house):
    top_up = shopper.paid("25")
    dispute = house.tell(f"payments/{intent(top_up)}/dispute")
    house.tell(f"disputes/{dispute['id']}/lose")

    told(house)

    assert shopper.balance == ("0.00", "0.00", "0.00")


def test_a_won_dispute_cancels_the_debt_first(shopper, house):
    top_up = shopper.paid("25")
    ledger.hold(wallet=shopper.workspace.wallet, amount=20_000_000, reference="generation:a")
    dispute = house.tell(f"payments/{intent(top_up)}/dispute")
    told(house)
    assert shopper.balance == ("0.00", "20.00", "20.00")

    house.tell(f"disputes/{dispute['id']}/win")
    told(house)

    assert shopper.balance == ("5.00", "20.00", "0.00")


def test_a_refund_the_bank_did_not_take_comes_back(shopper, house):
    top_up = shopper.paid("25")
    refund = house.tell(f"payments/{intent(top_up)}/refund")
    told(house)
    assert shopper.balance == ("0.00", "0.00", "0.00")

    house.tell(f"refunds/{refund['id']}/fail")
    told(house)

    assert shopper.balance == ("25.00", "0.00", "0.00")


def test_a_refund_of_one_top_up_does_not_touch_what_another_brought(shopper, house):
    first = shopper.paid("25")
    shopper.paid("10")

    house.tell(f"payments/{intent(first)}/refund")
    told(house)

    assert shopper.balance == ("10.00", "0.00", "0.00")


STORIES = [
    *itertools.permutations(["refund 5", "refund 20", "dispute", "win"], 2),
    *itertools.permutations(["refund 5", "dispute", "win"], 3),
    ("refund 5", "dispute", "lose"),
    ("dispute", "win", "refund 25"),
    ("dispute", "refund 5", "win"),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("story", STORIES, ids=" → ".join)
def test_whatever_happened_in_whatever_order_it_is_told_the_books_agree_with_stripe(
    house, story, seed
):
    """Nothing is believed in between: only the end counts, and it is Stripe's."""
    dice, shopper = random.Random(seed), Shopper(house)
    top_up = shopper.wants("25")
    shopper.pays(top_up)
    dispute = ""
    for step in story:
        dispute = happen(house, top_up.session, step, dispute)
    arrived = house.events() * 2
    dice.shuffle(arrived)

    for event in arrived:
        post(event)
        if dice.random() < 0.5:
            events.process_due()
    StripeEvent.objects.filter(state="received").update(due_at=timezone.now())
    events.process_due()

    assert shopper.balance[0] == f"{kept_by_us(house) / 100:.2f}"


def happen(house, payment: str, step: str, dispute: str) -> str:
    word, _, amount = step.partition(" ")
    if word == "refund":
        house.control("POST", f"payments/{payment}/refund", amount=int(amount) * 100)
    elif word == "dispute":
        answer = house.control("POST", f"payments/{payment}/dispute")
        return answer.json().get("id", dispute)
    elif dispute:
        house.control("POST", f"disputes/{dispute}/{word}")
    return dispute


def kept_by_us(house) -> int:
    """Cents that Stripe has neither refunded nor lent to a dispute."""
    rows = house.stripe.balance_transactions.list({"limit": 100}).data
    return max(0, sum(row.amount for row in rows))
