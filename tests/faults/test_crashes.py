"""
A process dies at a named point, as if by kill -9, with orders under way at all five providers: all
of them end, each is charged once or not at all, and none is sent twice.

Three workers are at it, as in any real installation, so that one that is gone is no pause.
"""

from __future__ import annotations

from contextlib import suppress

import httpx
import pytest

from accounts.crashpoints import POINTS
from tests.faults.house import PROVIDERS, House, Order, wait_until
from tests.faults.judging import End, ends, judge, judge_together
from tests.journeys.test_top_up import begin, pay

pytestmark = pytest.mark.slow

PAYMENTS = ("CP18", "CP19")
ORDERS = [point for point in POINTS if point not in PAYMENTS]


@pytest.fixture(scope="module")
def armory(tmp_path_factory):
    """A file in it, named like a point, arms that point."""
    return tmp_path_factory.mktemp("crashpoints")


@pytest.fixture(scope="module")
def house(opened, armory) -> House:
    return opened(CRASHPOINTS=str(armory))


@pytest.fixture(scope="module")
def crashed(house, armory) -> dict[str, list[Order]]:
    """Point → the orders that were placed while it was armed."""
    placed = {}
    with house.database.kept_well(), house.spare_workers(2) as spares:
        for point in ORDERS:
            (armory / point).touch()
            placed[point] = [
                house.place(f"A boat that meets {point} [[stock]]", provider=name)
                for name in PROVIDERS
            ]
            wait_until(lambda armed=armory / point: not armed.exists())
            for spare in spares:
                spare.tend()
    return placed


@pytest.fixture(scope="module")
def found(house, crashed) -> dict[Order, End]:
    return ends(house, [order for orders in crashed.values() for order in orders], within=120)


@pytest.mark.parametrize("point", ORDERS)
def test_a_process_that_dies_there_harms_no_order(crashed, found, point):
    for order in crashed[point]:
        judge(found[order])


def test_the_money_is_right_after_all_of_it(house, found):
    judge_together(house, found)


@pytest.mark.parametrize("point", PAYMENTS)
def test_a_process_that_dies_there_credits_a_payment_once(house, armory, point):
    top_up = begin(house.customer, "10.00")
    (armory / point).touch()

    assert pay(top_up["url"]).status_code == 303

    wait_until(lambda: not (armory / point).exists())
    # What a dead worker had in hand is due again after a minute (billing.payments.events.IN_HAND).
    wait_until(lambda: credited(house, top_up) and not undone(house), within=90)
    assert credited(house, top_up) == ["10.00"]


def credited(house: House, top_up: dict[str, str]) -> list[str]:
    """What the wallet was given for a payment; nothing while the site is not back."""
    reference = top_up["id"].replace("top_", "top-up:")
    with suppress(httpx.TransportError):
        moved = house.movements()[None]  # those without a generation
        return [row["amount"] for row in moved if row["reference"] == reference]
    return []


def undone(house: House) -> int:
    """How many of Stripe's events are filed and not done with."""
    query = "SELECT count(*) FROM billing_stripeevent WHERE state = 'received'"
    return int(house.database.rows(query)[0][0])
