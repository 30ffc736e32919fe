"""
Everything a provider does wrong, at each of the five, over real HTTP with the real workers: how
the order ends, what the customer pays, how often the provider was asked and what it bills agree.

All orders are placed at once; each test looks at its own.
"""

from __future__ import annotations

import pytest

from generations.sandbox.knobs import TABLE
from tests.faults.faults import FAULTS, RARE, ROWS
from tests.faults.house import PRICES, PROVIDERS, House, Seen, micros
from tests.faults.play import Played, judge, play
from tests.faults.rows import Row

pytestmark = pytest.mark.slow

#: Knobs that no order meets through its prompt, and where they are turned instead.
ELSEWHERE = {
    "balance-dollars": "test_failover.py",
    "balance-object": "test_failover.py",
    "upload-error": "test_failover.py",
    "upload-false": "test_failover.py",
}


@pytest.fixture(scope="module")
def house(opened) -> House:
    return opened()


@pytest.fixture(scope="module")
def played(house, request) -> dict[Row, Played]:
    """Those that somebody is going to look at."""
    mine = (item for item in request.session.items if item.path == request.path)
    wanted = {item.callspec.params["row"] for item in mine if hasattr(item, "callspec")}
    with house.database.kept_well():
        orders = {
            row: house.order(row.prompt, provider=row.provider) for row in ROWS if row in wanted
        }
        return play(house, orders, within=120)


def marked(row: Row):
    marks = [pytest.mark.long] if row.fault in RARE else []
    return pytest.param(row, id=row.name, marks=marks)


@pytest.mark.parametrize("row", [marked(row) for row in ROWS])
def test_a_fault_costs_nobody_more_than_it_must(played, row):
    judge(row, played[row])


def test_the_numbers_of_all_of_it_agree_three_ways(house, played):
    sums = {name: Seen() for name in PROVIDERS}
    for row in played:
        sums[row.provider] = plus(sums[row.provider], row)
    counters = house.counters()

    kinds = ("submits", "accepted", "billed_micro")
    told = {
        name: Seen(*(counters.get(f"{name}.{kind}", 0) for kind in kinds)) for name in PROVIDERS
    }
    assert told == sums
    captured = sum(PRICES[row.provider] for row in played if row.outcome.captured)
    wallet = house.customer.wallet()
    assert micros(wallet["available"]) == 2_000_000_000 - captured
    assert wallet["held"] == "0.00"


def plus(sum: Seen, row: Row) -> Seen:
    one, price = row.outcome, PRICES[row.provider]
    return Seen(
        sum.submits + one.submits, sum.accepted + one.accepted, sum.billed + one.billed * price
    )


def test_no_knob_of_the_sandbox_is_left_untried():
    tried = {(row.provider, word) for each in FAULTS for row in each.rows() for word in each.names}
    tried |= {(row.provider, "stock") for row in ROWS}

    untried = {(name, knob.name) for knob in TABLE for name in knob.providers} - tried
    assert {knob for _, knob in untried} <= ELSEWHERE.keys() | {"never"}
