"""A quote is a promise: this price, for this order, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import rates
from generations.models import Generation, ProviderStatus
from tests.api.tools import WORDS, faults, problem, the_only

pytestmark = pytest.mark.django_db


def quoted(api, **wish) -> dict:
    response = api.post("/quotes", {"model": "hailuo-2.3"} | wish)
    assert response.status_code == 201, response.content
    return response.json()


def test_a_quote_tells_price_routes_and_end(api):
    shown = quoted(api, duration=10, count=3)

    assert (
        list(shown)
        == ("id object unit_price count price currency expires_at provider routes spec").split()
    )
    assert (shown["unit_price"], shown["count"], shown["price"]) == ("0.56", 3, "1.68")
    assert shown["provider"] == "runware"
    assert shown["routes"] == [
        {"provider": "runware", "price": "0.56", "typical_seconds": 95, "available": True}
    ]
    assert shown["spec"]["duration"] == 10
    assert "prompt" not in shown["spec"]
    assert api.get(f"/quotes/{shown['id']}").json() == shown


def test_a_quoted_price_is_honoured_though_the_table_changes(api):
    quote = quoted(api)
    rates.enter(
        [("runware", "hailuo-2.3/text-to-video/768P/6", 990_000)], at=timezone.now(), note="dearer"
    )

    ordered = api.post("/generations", WORDS | {"quote": quote["id"]}).json()

    assert (ordered["quoted"], ordered["quote"]) == ("0.28", quote["id"])
    assert api.post("/generations", WORDS).json()["quoted"] == "0.99"


def test_a_quote_binds_everything_but_prompt_and_image(api):
    quote = quoted(api)["id"]

    for other in [{"duration": 10}, {"count": 2}, {"provider": "runware"}, {"policy": "fastest"}]:
        problem(api.post("/generations", WORDS | {"quote": quote} | other), 422, "quote_mismatch")
    assert api.post("/generations", WORDS | {"quote": quote}).status_code == 202


def test_a_quote_is_used_up_by_one_order(api):
    quote = quoted(api)["id"]
    api.post("/generations", WORDS | {"quote": quote})

    problem(api.post("/generations", WORDS | {"quote": quote}), 409, "quote_used")
    assert Generation.objects.count() == 1


def test_an_order_that_is_refused_does_not_use_the_quote_up(api, wallet):
    quote = quoted(api, count=10, resolution="1080P")
    dear = WORDS | {"quote": quote["id"], "count": 10, "resolution": "1080P"}
    api.post("/generations", WORDS | {"duration": 10, "count": 10})  # 4.40 is left

    problem(api.post("/generations", dear), 402, "insufficient_funds")

    wallet.workspace.quotes.update(unit_price=1)
    assert api.post("/generations", dear).status_code == 202


def test_a_quote_has_an_end(api, wallet):
    quote = quoted(api)["id"]
    wallet.workspace.quotes.update(expires_at=timezone.now() - timedelta(seconds=1))

    problem(api.post("/generations", WORDS | {"quote": quote}), 409, "quote_expired")


def test_a_quote_of_others_is_not_found(api, others):
    quote = quoted(others)["id"]

    problem(api.get(f"/quotes/{quote}"), 404, "not_found")
    problem(api.post("/generations", WORDS | {"quote": quote}), 404, "not_found")


@pytest.mark.parametrize(
    "id", ["quo_1", "gen_" + "0" * 32, "quo_" + "0" * 32, "x", "quo_" + "Z" * 32]
)
def test_a_quote_that_is_none_is_not_found(api, id):
    problem(api.get(f"/quotes/{id}"), 404, "not_found")
    refused = problem(api.post("/generations", WORDS | {"quote": id}), 404, "not_found")
    assert faults(refused) == [("quote", "not_found")]


def test_a_pause_decides_when_an_order_goes_and_never_its_price(api):
    ProviderStatus.objects.create(
        name="runware", paused_until=timezone.now() + timedelta(minutes=5)
    )

    (route,) = quoted(api)["routes"]

    assert (route["price"], route["available"]) == ("0.28", False)


def test_a_provider_that_is_switched_off_is_not_quoted(api):
    ProviderStatus.objects.create(name="runware", enabled=False)

    problem(api.post("/quotes", {"model": "hailuo-2.3"}), 422, "not_sold")


def test_a_dry_run_with_a_quote_shows_its_price_and_does_not_use_it_up(api):
    quote = quoted(api)["id"]

    for _ in range(2):
        shown = api.post("/generations", WORDS | {"quote": quote, "dry_run": True})
        assert (shown.status_code, shown.json()["price"]) == (200, "0.28")

    assert api.post("/generations", WORDS | {"quote": quote}).status_code == 202
    assert the_only().quoted == 280_000
