"""What programs of customers are told of money that comes in, or does not: signed, and once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.events import described
from accounts.models import CustomerEvent
from accounts.proposals import NotPossible
from accounts.streams import reading
from billing import corrections
from billing.api.events import EXAMPLES
from billing.models import TopUp
from billing.payments import automatic, events
from tests.api.tools import API
from tests.billing.payments.conftest import post, told
from tests.billing.payments.test_automatic import DECLINED_LATER, rested, with_a_card
from tests.factories import a_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_paid_page_is_told_once_as_the_api_shows_it(shopper, house, listens):
    program = listens(shopper.workspace)

    top_up = shopper.paid("25")
    for event in house.events() * 2:
        post(event)
    events.process_due()

    (event,) = program.told()
    assert event["type"] == "wallet.topped_up"
    api = API(shopper.membership)
    (transaction,) = api.get("/wallet/transactions").json()["data"]
    shown = api.get(f"/wallet/top-ups/{top_up.public_id}").json()
    assert event["data"] == {"transaction": transaction, "top_up": shown}
    assert (shown["status"], transaction["available_after"]) == ("paid", "25.00")
    for name, example in EXAMPLES["wallet.topped_up"].items():
        assert event["data"][name].keys() == example.keys()


def test_a_stream_tells_the_same(shopper, listens):
    program = listens(shopper.workspace)
    shopper.paid("25")

    found = reading.after({shopper.workspace.pk: reading.START})

    (heard,) = found.told[shopper.workspace.pk]
    assert program.told()[0]["id"].encode() in heard.frame
    assert b"event: wallet.topped_up" in heard.frame


def test_an_automatic_top_up_is_told_too(house, listens):
    shopper = with_a_card(house)
    program = listens(shopper.workspace)

    automatic.run(now=timezone.now())
    told(house)

    (event,) = program.told()
    assert event["type"] == "wallet.topped_up"
    assert event["data"]["top_up"]["automatic"] is True
    assert event["data"]["transaction"]["available_after"] == "30.00"


def test_money_from_staff_is_told_without_a_payment(shopper, listens):
    program, staff = listens(shopper.workspace), a_user(is_staff=True)
    gift: dict[str, Any] = {
        "amount": 20_000_000,
        "key": "k",
        "reason": "Bank transfer",
        "by": staff,
    }

    corrections.deposit(wallet=shopper.workspace.wallet, now=timezone.now(), **gift)
    with pytest.raises(NotPossible, match="done before"):
        corrections.deposit(wallet=shopper.workspace.wallet, now=timezone.now(), **gift)

    (event,) = program.told()
    assert event["data"]["top_up"] is None
    assert event["data"]["transaction"]["amount"] == "20.00"


def test_each_decline_is_told_and_the_third_says_that_it_is_off(house, listens):
    shopper = with_a_card(house, DECLINED_LATER)
    program = listens(shopper.workspace)

    for _ in range(4):
        automatic.run(now=timezone.now())
        rested(shopper)
    told(house)

    said = program.told()
    assert {one["type"] for one in said} == {"wallet.auto_top_up_failed"}
    assert sorted(one["data"]["switched_off"] for one in said) == [False, False, True]
    for one in said:
        assert one["data"]["reason"] == "generic_decline"
        top_up = one["data"]["top_up"]
        assert (top_up["status"], top_up["error"]) == ("failed", "Your card was declined.")
        assert one["data"].keys() == EXAMPLES["wallet.auto_top_up_failed"].keys()


def test_a_decline_reads_the_same_when_the_money_came_after_all(house):
    shopper = with_a_card(house, DECLINED_LATER)
    automatic.run(now=timezone.now())
    event = CustomerEvent.objects.get(type="wallet.auto_top_up_failed")

    intent = TopUp.objects.get(automatic=True).payment_intent
    house.stripe.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})
    told(house)

    assert shopper.balance == ("30.00", "0.00", "0.00")
    shown = described([event])[event.id]["data"]["top_up"]
    assert (shown["status"], shown["error"]) == ("failed", "Your card was declined.")
    assert shown["receipt_url"] is None
