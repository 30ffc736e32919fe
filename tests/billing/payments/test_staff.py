"""What staff do about payments in admin."""

from __future__ import annotations

import pytest
from django.test import Client

from billing.models import PromotionCode
from tests.billing.payments.conftest import told
from tests.factories import a_user


@pytest.fixture
def staff(db):
    client = Client()
    client.force_login(a_user("staff@reelay.example", is_staff=True, is_superuser=True))
    return client


def page(top_up, what: str) -> str:
    return f"/admin/billing/topup/{top_up.pk}/{what}/"


def test_a_refund_goes_to_the_card_and_is_clawed_back_once(shopper, house, staff):
    top_up = shopper.paid("25")
    form = {"amount": "10.00", "reason": "asked for it", "key": "k1"}

    first = staff.post(page(top_up, "refund"), form, follow=True)
    staff.post(page(top_up, "refund"), form)
    told(house)

    assert "Refunded 10.00 USD" in first.content.decode()
    assert house.counters()["amount_refunded"] == 1000
    assert shopper.balance == ("15.00", "0.00", "0.00")


@pytest.mark.parametrize("amount", ["25.01", "0", "-1", "0.005", "ten"])
def test_more_than_it_brought_or_no_amount_is_not_refunded(shopper, house, staff, amount):
    top_up = shopper.paid("25")

    answer = staff.post(page(top_up, "refund"), {"amount": amount, "reason": "x", "key": "k"})

    assert answer.status_code == 200
    assert house.counters()["refunds"] == 0
    assert shopper.balance[0] == "25.00"


def test_one_that_was_not_paid_has_nothing_to_refund(shopper, staff):
    top_up = shopper.wants()

    answer = staff.get(page(top_up, "refund"), follow=True)

    assert "nothing to refund" in answer.content.decode()


def test_staff_ask_stripe_about_one_that_hangs(shopper, staff):
    top_up = shopper.wants()
    shopper.pays(top_up)

    answer = staff.get(page(top_up, "look"), follow=True)

    assert "It is paid" in answer.content.decode()
    assert shopper.balance[0] == "25.00"


@pytest.mark.parametrize("name", ["topup", "stripeevent", "payer", "spendlimit", "cost"])
def test_the_lists_open(shopper, staff, name):
    shopper.paid("25", save_card="on")

    assert staff.get(f"/admin/billing/{name}/").status_code == 200


def test_staff_make_a_code_in_dollars(staff):
    form = {"code": " spring ", "amount": "2.50", "most_uses": "3", "active": "on", "note": "",
            "starts_at_0": "", "starts_at_1": "", "expires_at_0": "", "expires_at_1": "",
            "redemptions-TOTAL_FORMS": "0", "redemptions-INITIAL_FORMS": "0"}  # fmt: skip

    answer = staff.post("/admin/billing/promotioncode/add/", form)

    assert answer.status_code == 302, answer.content.decode()
    made = PromotionCode.objects.get()
    assert (made.code, made.amount) == ("SPRING", 2_500_000)
