"""
Who certainly did not take an order is passed over for the next one; what somebody may have taken is
given to nobody else, and a final word is the end.

Each company in turn is the cheapest, so that it is asked first; the next one by name makes it then.
The customer pays the price that was agreed, whoever delivers.
"""

from __future__ import annotations

import pytest

from tests.faults.faults import FAULTS
from tests.faults.house import PRICES, PROVIDERS, House, Seen, micros, wait_until
from tests.faults.outcomes import Outcome
from tests.faults.play import Played, play
from tests.faults.rows import Row

pytestmark = pytest.mark.slow

#: Faults of the table whose orders leave the choice to us.
WORDS = {
    "429",
    "429-retry-after=1",
    "cut-after-accept",
    "cut-after-accept, webhook-never",
    "cut-before-accept",
    "error-before=500",
    "error-before=503",
    "fail",
    "insufficient-credits",
    "invalid-key",
    "model-unavailable",
    "moderation-render",
    "moderation-submit",
    "never",
    "provider-wallet-empty",
    "quota-403",
    "spend-limit=2045",
    "submit-code=1002",
    "submit-code=1008",
    "submit-code=2061",
}
ROWS = [row for fault in FAULTS if fault.words in WORDS for row in fault.rows()]
#: A render of Cloudflare that ends with "the provider is unavailable" has cost nothing, and means
#: that the model cannot be had there (providers.md 1.6).
ROWS += [Row("render", "cloudflare", "fail", Outcome(submits=2, billed=0, passed_on=True))]

AGREED, DEARER, TOO_DEAR = 200_000, 300_000, 500_000


@pytest.fixture(scope="module")
def house(shared) -> House:
    yield shared
    shared.database.enter_prices(PRICES)


@pytest.fixture(scope="module")
def played(house) -> dict[Row, Played]:
    """One after the other, so that none pays for what another one did to a provider's health."""
    orders = {}
    for first in PROVIDERS:
        house.database.enter_prices(asked_in_order(first))
        for row in (row for row in ROWS if row.provider == first):
            house.database.make_well()
            orders[row] = house.order(row.prompt)
            house.follow([orders[row]], until={"running", "storing", "unknown"}, within=20)
            if row.outcome.passed_on or row.fault.startswith(("cut", "error")):
                wait_until(lambda first=first: is_troubled(house, first))
    return play(house, orders, within=60)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_only_what_was_certainly_not_taken_goes_to_another(played, row):
    it, wanted = played[row], row.outcome

    assert (it.end["status"], it.code) == (wanted.ends, wanted.code), it.end["timeline"]
    assert [move["type"] for move in it.movements] == wanted.movements
    assert micros(it.end["charged"]) == (AGREED if wanted.captured else 0)
    if wanted.passed_on:
        maker = next_to(row.provider)
        taken = wanted.submits > 1 and wanted.billed == 0
        assert it.end["provider"] == maker
        assert it.seen == Seen(submits=1, accepted=int(taken))
        assert it.elsewhere == Seen(1, 1, PRICES[maker])
    else:
        assert it.end["provider"] == row.provider
        assert it.seen == Seen(
            wanted.submits, wanted.accepted, wanted.billed * PRICES[row.provider]
        )
        assert it.elsewhere == Seen()


def test_an_order_goes_from_one_to_the_next_until_somebody_takes_it(house):
    house.database.make_well()
    house.database.enter_prices(asked_in_order("cloudflare"))
    words = [f"{name}:429-retry-after=20" for name in PROVIDERS[:-1]]

    order = house.order(f"Nobody but the last one takes this kite [[stock, {', '.join(words)}]]")

    house.follow([order], within=20)
    end = house.customer.look(order)
    assert (end["status"], end["provider"], end["charged"]) == ("succeeded", "toapis", "0.20")
    sent = [event for event in end["timeline"] if event["type"] == "attempt.submitting"]
    assert [event["data"]["provider"] for event in sent] == list(PROVIDERS)


def test_an_order_waits_for_who_agreed_rather_than_go_where_it_costs_us_too_much(house):
    house.database.make_well()
    house.database.enter_prices(dict.fromkeys(PROVIDERS, TOO_DEAR) | {"pixazo": AGREED})
    prompt = "A kite that waits [[stock, pixazo:429-retry-after=3]]"

    order = house.order(prompt)

    house.follow([order], within=20)
    seen = {name: has for (name, asked), has in house.seen().items() if asked == prompt}
    assert house.customer.look(order)["status"] == "succeeded"
    assert seen == {"pixazo": Seen(2, 1, PRICES["pixazo"])}


def is_troubled(house: House, provider: str) -> bool:
    """What the order did to it is written down."""
    health = house.database.health(provider)
    return bool(health["pause"] or health["break"] or health["busy"] or health["error"])


def asked_in_order(first: str) -> dict[str, int]:
    """Prices by which `first` is asked first, then `next_to` it, then the others by name."""
    others = [name for name in PROVIDERS if name != first]
    return {first: AGREED} | {name: DEARER + step for step, name in enumerate(others)}


def next_to(first: str) -> str:
    return next(name for name in PROVIDERS if name != first)
