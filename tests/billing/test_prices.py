"""The price table is versioned, and a quote is honoured whatever it says meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import quotes, rates
from billing.models import Rate

SKU = "hailuo-2.3/text-to-video/768P/6"


@pytest.fixture
def now():
    return timezone.now()


def runware(at, sku=SKU):
    return next((p for p in rates.prices(at=at, sku=sku) if p.provider == "runware"), None)


@pytest.mark.parametrize(
    ("provider", "sku", "cost"),
    [
        ("runware", "hailuo-2.3/text-to-video/768P/6", 280_000),
        ("runware", "hailuo-2.3/image-to-video/768P/10", 560_000),
        ("runware", "hailuo-2.3/text-to-video/1080P/6", 490_000),
        ("runware", "hailuo-2.3-fast/image-to-video/768P/6", 190_000),
        ("pixazo", "hailuo-2.3/text-to-video/1080P/6", 350_000),
        ("pixazo", "hailuo-2.3-fast/image-to-video/768P/10", 600_000),
        ("cloudflare", "hailuo-2.3/text-to-video/768P/10", 560_000),
    ],
)
def test_the_table_begins_with_the_documents_figures(db, now, provider, sku, cost):
    prices = {price.provider: price.price for price in rates.prices(at=now, sku=sku)}

    assert prices[provider] == cost


def test_what_no_document_prices_is_not_sold(db, now):
    assert runware(now, "hailuo-2.3-fast/image-to-video/768P/10") is None


def test_a_new_price_holds_from_its_moment_and_keeps_the_markup(db, now):
    Rate.objects.create(provider="runware", sku=SKU, cost=280_000, markup=Decimal("1.1"))

    entered = rates.enter([("runware", SKU, 300_000)], at=now + timedelta(hours=1), note="new list")

    assert entered == 1
    assert runware(now + timedelta(minutes=1)).price == 310_000
    assert runware(now + timedelta(hours=2)).price == 330_000


def test_entering_the_same_prices_again_changes_nothing(db, now):
    assert rates.enter([("runware", SKU, 280_000)], at=now, note="again") == 0


def test_a_fixed_price_replaces_the_markup(db, now):
    Rate.objects.create(
        provider="runware", sku=SKU, cost=280_000, markup=Decimal(2), fixed_price=290_000
    )

    assert runware(timezone.now()).price == 290_000


def test_what_staff_stop_selling_is_gone(db):
    Rate.objects.create(provider="runware", sku=SKU, cost=280_000, sold=False)

    assert runware(timezone.now()) is None


def a_quote(alice, now, **changes):
    price = runware(now)
    fields = {"binding": "b", "details": {}, "unit_price": price.price, "rate_id": price.version}
    return quotes.give(workspace=alice.workspace, count=1, now=now, **fields | changes)


def take(quote, alice, now, binding="b", count=1):
    return quotes.use(id=quote.id, workspace=alice.workspace, binding=binding, count=count, now=now)


def test_a_quote_is_used_once(alice, now):
    quote = a_quote(alice, now)

    assert take(quote, alice, now).unit_price == 280_000
    with pytest.raises(quotes.QuoteUsed):
        take(quote, alice, now)


def test_a_quote_ends_after_a_quarter_of_an_hour(alice, now):
    quote = a_quote(alice, now)

    with pytest.raises(quotes.QuoteExpired):
        take(quote, alice, now + timedelta(minutes=15, seconds=1))


@pytest.mark.parametrize("other", [{"binding": "c"}, {"count": 2}])
def test_a_quote_for_one_thing_buys_no_other(alice, now, other):
    quote = a_quote(alice, now)

    with pytest.raises(quotes.QuoteMismatch):
        take(quote, alice, now, **other)


def test_a_quote_of_others_does_not_exist(alice, charlie, now):
    quote = a_quote(alice, now)

    with pytest.raises(quotes.QuoteNotFound):
        take(quote, charlie, now)
