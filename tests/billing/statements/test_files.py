"""A month and the whole ledger as files, downloaded by the one who keeps the books."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from billing import money
from tests.billing.statements.past import (
    CLIP,
    LAST_MONTH,
    MONTH_BEFORE,
    THIS_MONTH,
    TODAY,
    at,
)
from tests.billing.statements.reading import content_of, objects_of, rows_of

pytestmark = pytest.mark.urls("tests.billing.statements.urls")

MONTH = f"{LAST_MONTH:%Y-%m}"


@pytest.fixture
def here(past) -> str:
    return f"/billing/statements/{past.workspace.public_id}"


def test_a_months_csv_has_every_movement_between_its_balances(past, dora, here):
    past.topped_up(20 * money.MICROS, at(MONTH_BEFORE))
    reference = past.clip(at(LAST_MONTH))
    past.refunded(reference, at(LAST_MONTH, 13))
    past.clip(at(THIS_MONTH, 0))

    rows = rows_of(dora.get(f"{here}/{MONTH}.csv"))

    assert [(row["type"], row["amount"], row["net"]) for row in rows] == [
        ("opening_balance", "", ""),
        ("hold", "-0.28", "0.00"),
        ("capture", "-0.28", "-0.28"),
        ("refund", "0.28", "0.28"),
        ("closing_balance", "", ""),
    ]
    assert [row["available_after"] for row in rows] == ["20.00", "19.72", "19.72", "20.00", "20.00"]
    assert rows[1]["held_after"] == "0.28"
    assert rows[1]["time"] == f"{LAST_MONTH}T12:00:00.000Z"
    assert {row["currency"] for row in rows} == {"USD"}


def test_a_line_says_what_was_made_and_by_whom(past, dora, here):
    past.topped_up(20 * money.MICROS, at(MONTH_BEFORE))
    past.many_clips(1, LAST_MONTH, THIS_MONTH)

    charge = rows_of(dora.get(f"{here}/{MONTH}.csv"))[2]

    assert charge["id"].startswith("txn_")
    assert charge["generation"] == charge["reference"].replace("job:", "gen_")
    assert (charge["provider"], charge["model"]) == ("runware", "model-1")
    assert len(charge["provider_job_id"]) == 32


def test_a_file_begins_with_its_head_and_no_byte_order_mark(past, dora, here):
    response = dora.get(f"{here}/{MONTH}.csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="reelay-statement-')
    assert content_of(response).startswith(b"id,time,type,label,description,amount,net,currency,")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_does_not_calculate_what_somebody_wrote(past, dora, here, start):
    past.topped_up(money.MICROS, at(LAST_MONTH), f"{start}HYPERLINK(1)")

    row = rows_of(dora.get(f"{here}/{MONTH}.csv"))[1]

    assert row["description"] == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("text", ['He said "no", twice', "two\nlines", "Zürich; 東京 🎬", "a,b"])
def test_a_description_comes_through_whole(past, dora, here, text):
    past.topped_up(money.MICROS, at(LAST_MONTH), text)

    assert rows_of(dora.get(f"{here}/{MONTH}.csv"))[1]["description"] == text


def test_the_months_add_up_to_the_ledger(past, dora, here):
    past.topped_up(100 * money.MICROS, at(MONTH_BEFORE))
    past.many_clips(90, MONTH_BEFORE + timedelta(days=1), TODAY)

    months = [
        rows_of(dora.get(f"{here}/{month:%Y-%m}.csv"))
        for month in (MONTH_BEFORE, LAST_MONTH, THIS_MONTH)
    ]
    ledger = rows_of(dora.get(f"{here}/ledger"))

    assert [row for month in months for row in month[1:-1]] == ledger
    assert len(ledger) == 181
    balances = "available_after", "held_after", "debt_after"
    for before, after in pairwise(months):
        assert [before[-1][name] for name in balances] == [after[0][name] for name in balances]


def test_a_transaction_that_began_before_midnight_stays_in_its_place(past, dora, here):
    """Its time is of the old month, but another one took the wallet before it."""
    past.topped_up(20 * money.MICROS, at(MONTH_BEFORE))
    past.topped_up(money.MICROS, at(LAST_MONTH, 0) + timedelta(seconds=1), "first")
    past.topped_up(money.MICROS, at(LAST_MONTH, 0) - timedelta(seconds=1), "second")

    before = rows_of(dora.get(f"{here}/{MONTH_BEFORE:%Y-%m}.csv"))
    rows = rows_of(dora.get(f"{here}/{MONTH}.csv"))

    assert [row["description"] for row in rows[1:-1]] == ["first", "second"]
    assert rows[0]["available_after"] == before[-1]["available_after"] == "20.00"
    assert rows[-1]["available_after"] == "22.00"


def test_the_first_moment_of_a_month_belongs_to_it(past, dora, here):
    past.topped_up(money.MICROS, at(LAST_MONTH, 0) - timedelta(microseconds=1), "old")
    past.topped_up(money.MICROS, at(LAST_MONTH, 0), "new")

    rows = rows_of(dora.get(f"{here}/{MONTH}.csv"))

    assert [row["description"] for row in rows[1:-1]] == ["new"]


def test_more_lines_than_a_page_come_each_once(past, dora, here, django_assert_max_num_queries):
    past.topped_up(5000 * money.MICROS, at(MONTH_BEFORE))
    past.many_clips(2500, LAST_MONTH, THIS_MONTH)
    dora.get("/wallet")  # when she was last seen is written down once

    with django_assert_max_num_queries(20):
        rows = rows_of(dora.get(f"{here}/{MONTH}.csv"))

    assert len(rows) == 5002
    assert len({row["id"] for row in rows[1:-1]}) == 5000
    assert sum(float(row["net"]) for row in rows[1:-1]) == pytest.approx(-2500 * CLIP / 1e6)


def test_the_ledger_comes_as_json_lines_too(past, dora, here):
    past.topped_up(money.MICROS, at(LAST_MONTH), "=1+1")

    response = dora.get(f"{here}/ledger?format=jsonl")

    (entry,) = objects_of(response)
    assert response["Content-Type"].startswith("application/jsonl")
    assert entry["description"] == "=1+1"
    assert (entry["amount"], entry["generation"]) == ("1.00", None)


def test_the_ledger_can_be_had_for_some_days(past, dora, here):
    for day in (1, 2, 3, 4):
        past.topped_up(day * money.MICROS, at(LAST_MONTH.replace(day=day)))

    days = f"first={LAST_MONTH.replace(day=2)}&last={LAST_MONTH.replace(day=3)}"
    rows = rows_of(dora.get(f"{here}/ledger?{days}"))

    assert [row["amount"] for row in rows] == ["2.00", "3.00"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("first=2026-02-30", "Write the first day like 2026-01-31."),
        ("last=yesterday", "Write the last day like 2026-01-31."),
        (f"first={TODAY}&last={LAST_MONTH}", "The last day is before the first one."),
        ("first=9999-12-31&last=9999-12-31", "This day is still to come."),
        ("first=0001-01-01&last=0001-01-01", ""),
        ("format=xml", "Choose CSV (csv) or JSON lines (jsonl)."),
    ],
)
def test_days_that_make_no_sense_are_explained(dora, here, query, said):
    response = dora.get(f"{here}/ledger?{query}")

    assert response.status_code == (400 if said else 200)
    assert not said or said in response.content.decode()


def test_a_wallet_nothing_happened_to_has_files_too(dora, here):
    assert [row["type"] for row in rows_of(dora.get(f"{here}/{MONTH}.csv"))] == [
        "opening_balance",
        "closing_balance",
    ]
    assert rows_of(dora.get(f"{here}/ledger")) == []
    assert content_of(dora.get(f"{here}/ledger?format=jsonl")) == b""
