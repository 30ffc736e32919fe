"""Staff see what is in force, take it away as a file, and schedule what comes next."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import rates
from billing.models import Rate
from billing.pricing import reports
from billing.pricing.ceilings import ceiling_faults, order_faults
from billing.pricing.overview import overview
from billing.pricing.reports import Catalogue
from tests.billing.pricing.conftest import (
    LONG,
    SHORT,
    a_rate,
    address,
    confirmed,
    in_days,
    somebody,
    uploaded,
    words,
)


def rows_of(response) -> list[dict[str, str]]:
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def offers(sku: str = SHORT):
    found = {item.sku: item for item in overview(at=timezone.now())}
    return {offer.provider: offer for offer in found[sku].offers}


def test_every_sku_shows_every_providers_price_and_the_cheapest(staff):
    read = words(staff.get(address("prices")))

    assert "acme 0.28 0.28 0.00 (0.0 %) 2025-11-01 00:00 – cheapest" in read
    assert "acme 0.56 0.84 0.28 (33.3 %)" in read
    assert "beta 0.35 0.40 0.05 (12.5 %) 2025-11-01 00:00 – sold" in read
    assert "gamma – – – – – not sold price unknown" in read


def test_what_comes_next_and_what_is_withdrawn_is_said(staff):
    a_rate("acme", SHORT, 300_000, valid_from=in_days(5))
    a_rate("gamma", LONG, 500_000, valid_from=in_days(5))
    a_rate("beta", SHORT, 350_000, sold=False, valid_from=in_days(-1))

    read = words(staff.get(address("prices")))

    assert f"0.30 (cost 0.30) from {in_days(5):%Y-%m-%d}" in read
    assert "not sold withdrawn" in read
    assert "not sold price known only from later on" in read


def test_a_sku_that_nobody_sells_stands_out(staff):
    a_rate("acme", LONG, 560_000, sold=False, valid_from=in_days(-1))

    assert f"Nobody can order {LONG}." in words(staff.get(address("prices")))


def test_who_cannot_make_it_is_not_the_cheapest(staff):
    reports.register_catalogue(
        lambda: Catalogue(obstacles={("acme", SHORT): "switched off"}),
    )

    assert offers()["acme"].obstacle == "switched off"
    assert offers()["beta"].is_cheapest


def test_a_provider_that_no_longer_exists_sells_nothing(staff):
    a_rate("defunct", SHORT, 1_000)

    assert offers()["defunct"].obstacle == "no provider of ours any more"
    assert offers()["acme"].is_cheapest


def test_what_is_above_the_ceiling_is_not_sold(staff, settings):
    settings.MAX_PRICE_PER_CLIP = 300_000

    assert "above 0.30 USD" in offers()["beta"].obstacle
    assert not offers()["acme"].obstacle


def test_more_prices_need_no_more_queries(staff):
    staff.get(address("prices"))  # when they were last seen is written down once
    with CaptureQueriesContext(connection) as before:
        staff.get(address("prices"))
    for number in range(60):
        a_rate("acme", SHORT, 280_000 + number, valid_from=in_days(number + 1))
    with CaptureQueriesContext(connection) as after:
        staff.get(address("prices"))

    assert len(after) == len(before)


def test_the_table_in_force_can_be_taken_away_and_changes_nothing_when_it_returns(staff):
    a_rate("acme", SHORT, 280_000, sold=False, valid_from=in_days(-2))
    a_rate("acme", LONG, 900_000, valid_from=in_days(2))
    a_rate("beta", LONG, 560_000, valid_from=in_days(-2), note="=cmd|' /C calc'!A0", markup="1.1")
    taken = staff.get(address("prices_table"))

    found = rows_of(taken)
    assert [(row["provider"], row["duration"], row["sold"]) for row in found] == [
        ("acme", "10", "yes"),
        ("acme", "6", "no"),
        ("beta", "10", "yes"),
        ("beta", "6", "yes"),
    ]
    assert found[2]["note"] == "'=cmd|' /C calc'!A0"
    assert (found[2]["price"], found[3]["fixed_price"]) == ("0.62", "0.40")
    assert "nothing to enter" in words(uploaded(staff, taken.content))


def test_every_version_can_be_taken_away(staff):
    a_rate("acme", SHORT, 300_000, valid_from=in_days(2))

    found = rows_of(staff.get(address("prices_table"), {"what": "all"}))

    assert [row["cost"] for row in found if row["duration"] == "6"] == ["0.28", "0.30", "0.35"]
    assert found[-1]["valid_from"] == "2025-11-01T00:00:00Z"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\t=1", " =1"])
def test_no_exported_text_is_a_formula(staff, text):
    a_rate("gamma", SHORT, 300_000, note=text)

    note = rows_of(staff.get(address("prices_table")))[-1]["note"]

    assert note == f"'{text}"


def scheduled(client, **fields):
    wished = {"provider": "acme", "sku": SHORT, "cost": "0.30", "sold": "on"}
    return client.post(address("prices_schedule"), {**wished, **fields})


def test_a_change_is_scheduled_after_it_was_shown(staff):
    begins = in_days(7)

    shown = scheduled(staff, markup="1.2", valid_from=f"{begins:%Y-%m-%dT%H:%M}", note="autumn")
    assert "0.28 → 0.36" in words(shown)
    assert Rate.objects.count() == 3
    confirmed(staff, shown, "jumps")

    price = next(one for one in rates.prices(at=in_days(8), sku=SHORT) if one.provider == "acme")
    assert (price.cost, price.price) == (300_000, 360_000)
    assert Rate.objects.latest("id").note == "autumn"


def test_without_a_rule_the_rule_before_holds(staff):
    confirmed(staff, scheduled(staff, provider="beta", cost="0.36"))
    assert offers()["beta"].rate.price == 400_000

    confirmed(staff, scheduled(staff, provider="beta", cost="0.36", markup="1"))
    assert offers()["beta"].rate.price == 360_000


def test_the_form_begins_with_what_is_in_force(staff):
    page = staff.get(address("prices_schedule"), {"provider": "acme", "sku": LONG})

    assert 'name="markup" value="1.5"' in page.content.decode()
    assert 'name="cost" value="0.56"' in page.content.decode()


@pytest.mark.parametrize("query", [{"provider": "\x00"}, {"sku": "x" * 500}, {"provider": "acme"}])
def test_the_form_is_there_for_any_address(staff, query):
    assert staff.get(address("prices_schedule"), query).status_code == 200


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"valid_from": "2025-01-01T00:00"}, "This moment is past"),
        ({"valid_from": "tomorrow"}, "Enter a valid date/time."),
        ({"cost": ""}, "A cost above zero is needed."),
        ({"cost": "-1"}, "is negative"),
        ({"markup": "0"}, "is no markup"),
        ({"markup": "1.2", "fixed_price": "0.40"}, "A markup or a fixed price, not both."),
        ({"provider": "nobody"}, "Select a valid choice."),
        ({"sku": "\x00"}, "Select a valid choice."),
        ({"note": "n" * 201}, "at most 200 characters"),
        ({"cost": "28"}, "above 5.00 USD, the most a clip may cost"),
    ],
)
def test_a_wrong_wish_says_what_is_wrong_and_changes_nothing(staff, fields, says):
    assert says in words(scheduled(staff, **fields))
    assert Rate.objects.count() == 3


def test_a_day_may_have_a_ceiling_too(table, settings):
    rate = Rate.objects.latest("id")
    assert ceiling_faults(rate) == []
    assert order_faults(unit_price=4_000_000, count=1_000, spent_today=0) == []
    assert order_faults(unit_price=5_000_001, count=1, spent_today=0) != []

    settings.MAX_SPEND_PER_DAY = 1_000_000

    assert order_faults(unit_price=250_000, count=2, spent_today=500_000) == []
    assert order_faults(unit_price=250_000, count=3, spent_today=500_000) != []
    settings.MAX_SPEND_PER_DAY = 300_000
    assert "MAX_SPEND_PER_DAY" in ceiling_faults(rate)[0]


def test_no_ceiling_is_none(table, settings):
    settings.MAX_PRICE_PER_CLIP = None

    assert ceiling_faults(Rate(cost=90_000_000, provider="acme", sku=SHORT)) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"cost": "6000000"}, "the most a clip may cost"),
        ({"sku": "nothing"}, "is nothing that can be made"),
        ({"provider": "nobody"}, "is no provider of ours"),
        ({"valid_from_0": "2025-01-01", "valid_from_1": "00:00:00"}, "This moment is past"),
    ],
)
def test_a_single_rate_obeys_the_same_rules(staff, fields, says):
    wished = {"provider": "acme", "sku": SHORT, "cost": "300000", "markup": "1", "sold": "on"}
    answer = staff.post("/admin/billing/rate/add/", {**wished, **fields})

    assert says in words(answer)
    assert Rate.objects.count() == 3


def test_a_single_rate_without_a_moment_is_for_now(staff):
    wished = {"provider": "acme", "sku": SHORT, "cost": "300000", "markup": "1", "sold": "on"}

    assert staff.post("/admin/billing/rate/add/", wished).status_code == 302

    assert offers()["acme"].rate.price == 300_000


READ = [
    "prices",
    "prices_table",
    "prices_margin",
    "prices_margin_csv",
    "prices_drift",
    "prices_bill",
]
WRITE = ["prices_import", "prices_schedule"]


@pytest.mark.parametrize("name", [*READ, *WRITE])
def test_strangers_customers_and_staff_without_permission_stay_out(client, table, alice, name):
    assert client.get(address(name)).status_code == 302
    client.force_login(alice.user)
    assert client.get(address(name)).status_code == 302
    assert somebody(client).get(address(name)).status_code == 403


def test_who_may_only_look_changes_nothing(client, table):
    clerk = somebody(client, "view_rate")

    assert {clerk.get(address(name)).status_code for name in READ} == {200}
    assert {clerk.get(address(name)).status_code for name in WRITE} == {403}
    assert clerk.post(address("prices_confirm"), {"proposal": "x"}).status_code == 403
    assert "Import" not in words(clerk.get(address("prices")))


def test_other_verbs_are_refused(staff):
    assert staff.post(address("prices")).status_code == 405
    assert staff.get(address("prices_confirm")).status_code == 405


def test_the_list_of_rates_leads_to_the_prices_in_force(staff):
    assert "Prices in force" in words(staff.get("/admin/billing/rate/"))
    assert staff.get(address("to_prices_in_force")).url == address("prices")
