"""Somebody who paid deletes their account: Stripe forgets them, and the books stay right."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Erasure
from billing.models import Payer, StripeEvent, TopUp
from billing.payments import gateway
from tests.billing.payments.conftest import told

TABLES = [
    "billing_payer",
    "billing_redemption",
    "billing_stripeevent",
    "billing_topup",
    "billing_transfer",
]


def rows_about_payments() -> list[str]:
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t")
            found += [f"{table} {row[0]}" for row in cursor.fetchall()]
    return found


def erase(shopper) -> None:
    call_command("erase_person", shopper.membership.user.email, give_up_balance=True)


def test_the_customer_and_the_card_are_gone_and_the_payment_stays(shopper, house):
    top_up = shopper.paid("25")
    email = shopper.membership.user.email
    assert any(email in row for row in rows_about_payments())

    erase(shopper)
    told(house)

    with gateway.asking() as stripe:
        assert stripe.v1.customers.list().data == []
    assert [row for row in rows_about_payments() if email in row] == []
    assert not Payer.objects.exists()
    kept = TopUp.objects.get()
    assert (kept.amount, kept.charge, kept.receipt_url) == (25_000_000, top_up.charge, "")
    assert StripeEvent.objects.exists()
    assert shopper.balance == ("0.00", "0.00", "0.00")


def test_a_stripe_out_of_reach_puts_it_off(shopper, house):
    shopper.paid("25")
    house.control("POST", "faults", effect="503", moment="before", times=9, path="/v1/customers")
    with pytest.raises(gateway.Unreachable):
        erase(shopper)
    assert Erasure.objects.get().done_at is None
    house.control("POST", "reset")

    erase(shopper)

    assert Erasure.objects.get().done_at
