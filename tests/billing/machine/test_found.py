"""What the machine found once: one reversal leaves nothing for another, and then comes back."""

from __future__ import annotations

import pytest

from tests.billing.machine.model import Books, Payment
from tests.billing.machine.shop import Shop
from tests.factories import a_workspace

DOLLAR = 1_000_000


@pytest.fixture
def shop(house) -> Shop:
    """A payment of 25 dollars that we know of."""
    shop = Shop(house, a_workspace(), Books())
    shop.pays(shop.opens_page(25), by_bank=False)
    shop.sweeps()
    return shop


@pytest.fixture
def payment(shop) -> Payment:
    return next(iter(shop.books.payments.values()))


def as_at_stripe(shop: Shop, payment: Payment, left: int) -> None:
    shop.sweeps()
    assert shop.in_books()[payment.session] == payment.at_stripe == left
    assert shop.balance().available == left


def test_a_refund_that_fails_leaves_its_money_to_the_dispute(shop, payment):
    shop.refunds(payment, 10 * DOLLAR)
    shop.sweeps()
    shop.disputes(payment, 25 * DOLLAR)
    shop.sweeps()

    shop.refund_fails(payment.refunds[0])

    as_at_stripe(shop, payment, 0)


def test_a_won_dispute_leaves_its_money_to_a_refund_we_heard_of_too_late(shop, payment):
    shop.refunds(payment, 10 * DOLLAR)
    shop.disputes(payment, 25 * DOLLAR)
    said = shop.house.events()
    shop.hears([event for event in said if "dispute" in event["type"]])
    shop.hears(said)

    shop.decides(payment.dispute, won=True)

    as_at_stripe(shop, payment, 15 * DOLLAR)


def test_two_refunds_and_a_dispute_that_all_come_back_bring_everything_back(shop, payment):
    for dollars in (10, 5):
        shop.refunds(payment, dollars * DOLLAR)
    shop.disputes(payment, 25 * DOLLAR)
    shop.sweeps()

    shop.refund_fails(payment.refunds[0])
    as_at_stripe(shop, payment, 0)
    shop.decides(payment.dispute, won=True)
    as_at_stripe(shop, payment, 20 * DOLLAR)
    shop.refund_fails(payment.refunds[1])

    as_at_stripe(shop, payment, 25 * DOLLAR)
