"""The statement on paper, as an accountant reads it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from accounts.models import Workspace
from billing import money
from billing.statements import references
from tests.billing.statements.past import (
    CLIP,
    LAST_MONTH,
    MONTH_BEFORE,
    THIS_MONTH,
    TODAY,
    at,
)
from tests.billing.statements.reading import content_of, pages_of, text_of

pytestmark = pytest.mark.urls("tests.billing.statements.urls")

MONTH = f"{LAST_MONTH:%Y-%m}"


@pytest.fixture
def pdf(past) -> str:
    return f"/billing/statements/{past.workspace.public_id}/{MONTH}.pdf"


def rows_on(text: str) -> int:
    """How many movements are listed: each row but the two edges begins with its day."""
    return len(re.findall(rf"^\d+ {LAST_MONTH:%b %Y}$", text, re.M)) - 2


def test_money_in_less_money_out_is_the_difference_of_the_balances(past, dora, pdf):
    past.topped_up(20 * money.MICROS, at(MONTH_BEFORE))
    past.topped_up(5 * money.MICROS, at(LAST_MONTH))
    past.refunded(past.clip(at(LAST_MONTH)), at(LAST_MONTH, 13), amount=100_000)

    text = text_of(dora.get(pdf))

    assert "Opening balance\n20.00\nMoney in\n5.10\nMoney out\n0.28\nClosing balance\n24.82" in text
    assert f"{past.workspace.public_id}" in text
    assert f"1 to {(THIS_MONTH - timedelta(days=1)).day} {LAST_MONTH:%B %Y}" in text
    assert "Prepaid credit, USD" in text
    assert "Page 1 of 1" in text


def test_holds_and_releases_are_folded_away(past, dora, pdf):
    past.topped_up(20 * money.MICROS, at(LAST_MONTH))
    reference = past.held(at(LAST_MONTH))
    past.moved("release", "held", "available", CLIP, at(LAST_MONTH, 13), reference=reference)
    past.held(at(LAST_MONTH, 14))

    text = text_of(dora.get(pdf))

    assert rows_on(text) == 1
    assert "Hold" not in text
    assert "Release" not in text
    assert "Of the closing balance, 0.28 is set aside for clips under way." in text


def test_a_month_with_nothing_says_so(dora, pdf):
    text = text_of(dora.get(pdf))

    assert "No money came in or went out." in text
    assert rows_on(text) == 0


def test_a_month_that_is_not_over_is_provisional(past, dora, pdf):
    now = dora.get(pdf.replace(MONTH, f"{THIS_MONTH:%Y-%m}"))

    assert f"Provisional, as of {TODAY.day} {TODAY:%b %Y}" in text_of(now)
    assert "Provisional" not in text_of(dora.get(pdf))


def test_a_statements_number_stays_the_same(dora, pdf):
    first, second = (text_of(dora.get(pdf)) for _ in range(2))

    found = re.findall(rf"^{MONTH}-[0-9A-F]{{10}}$", first, re.M)
    assert len(found) == 1
    assert found == re.findall(rf"^{MONTH}-[0-9A-F]{{10}}$", second, re.M)


def test_fifty_lines_repeat_the_head_on_the_second_page(past, dora, pdf):
    past.topped_up(50 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(49, LAST_MONTH, THIS_MONTH)

    first, second = pages_of(content_of(dora.get(pdf)))

    assert rows_on("\n".join(first + second)) == 50
    for page in (first, second):
        assert {"Date", "Description", "Money in", "Money out", "Balance"} <= set(page)
    assert "Page 2 of 2" in second


def test_five_thousand_lines_are_added_up_by_day_and_model(past, dora, pdf):
    past.topped_up(2000 * money.MICROS, at(LAST_MONTH, 0), "Paid by bank transfer")
    past.many_clips(5000, LAST_MONTH, THIS_MONTH)

    text = text_of(dora.get(pdf))

    days = (THIS_MONTH - LAST_MONTH).days
    assert rows_on(text) <= days * 3 + 1
    assert "Top-up: Paid by bank transfer" in text
    assert "Clip, model-1" in text
    together = [int(count) for count in re.findall(r"^(\d+) together$", text, re.M)]
    assert sum(together) == 5000
    assert text.count("600.00") >= 2  # 2000 - 5000 × 0.28, above and on the last row


def test_without_known_models_they_are_added_up_by_day(past, dora, pdf):
    past.topped_up(2000 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(2100, LAST_MONTH, THIS_MONTH)
    references.forget("job")

    text = text_of(dora.get(pdf))

    assert rows_on(text) == (THIS_MONTH - LAST_MONTH).days + 1
    assert "600.00" not in text
    assert "1,412.00" in text


def test_amounts_below_a_cent_keep_their_points_in_line(past, dora, pdf):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    past.clip(at(LAST_MONTH), amount=283_400)

    text = text_of(dora.get(pdf))

    assert "10.0000" in text
    assert "0.2834" in text
    assert "9.7166" in text


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Grünes Glück Łódź Ōsaka", "Grünes Glück Łódź Ōsaka"),
        ("Студия Αθήνα", "Студия Αθήνα"),
        ("東京 Studio", "□□ Studio"),
        ("Clips 🎬🔥 & Co", "Clips & Co"),
        ("line\nbreak\tand\x00more", "line break andmore"),
        ("W" * 100, "W" * 30),
        ("a" * 50 + " " + "b" * 49, "b" * 49),
        ("**bold** {nb} __x__", "**bold** {nb} __x__"),
        ("Ω {nb}\ue000", "Ω {nb}"),
    ],
)
def test_names_of_every_kind_can_be_drawn(past, dora, pdf, name, drawn):
    Workspace.objects.filter(pk=past.workspace.pk).update(name=name.replace("\x00", ""))

    assert drawn in text_of(dora.get(pdf))


def test_a_long_description_is_folded_and_whole(past, dora, pdf):
    words = " ".join(f"word{number}" for number in range(30))[:190]
    past.topped_up(money.MICROS, at(LAST_MONTH), words)

    text = text_of(dora.get(pdf))

    assert words.replace(" ", "") in text.replace("\n", "").replace(" ", "")


def test_our_name_and_address_come_from_the_settings(past, dora, pdf, settings):
    settings.STATEMENT_ISSUER = ["Reelay Ltd", "1 Example Street", "Dublin", "VAT IE0000000"]

    text = text_of(dora.get(pdf))

    assert "Reelay Ltd\n1 Example Street\nDublin\nVAT IE0000000" in text


def test_a_correction_may_go_either_way(past, dora, pdf):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    past.moved("adjustment", "adjustment", "available", 2_000_000, at(LAST_MONTH), description="A")
    past.moved("adjustment", "available", "adjustment", 3_000_000, at(LAST_MONTH), description="B")

    text = text_of(dora.get(pdf))

    assert "Correction: A" in text
    assert "Correction: B" in text
    assert "Correction\n2\n2.00\n3.00" in text
    assert "All movements\n3\n12.00\n3.00" in text


def test_a_disputed_payment_is_taken_back_and_what_is_owed_is_said(past, dora, pdf):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH), reference="top-up:1")
    past.clip(at(LAST_MONTH, 13))
    for account, amount in (("available", 9_720_000), ("debt", CLIP)):
        past.moved("clawback", account, "stripe", amount, at(LAST_MONTH, 14), reference="top-up:1")

    text = text_of(dora.get(pdf))

    assert "Taken back\n2\n10.00" in text
    assert "Closing balance\n−0.28" in text
    assert "The closing balance is less 0.28 that is owed to us." in text


def test_paying_a_debt_moves_nothing_in_or_out(past, dora, pdf):
    past.topped_up(CLIP, at(LAST_MONTH), reference="top-up:1")
    past.clip(at(LAST_MONTH, 13))
    past.moved("clawback", "debt", "stripe", CLIP, at(LAST_MONTH, 14), reference="top-up:1")
    past.topped_up(money.MICROS, at(LAST_MONTH, 15))
    past.moved("clawback", "available", "debt", CLIP, at(LAST_MONTH, 15))

    text = text_of(dora.get(pdf))

    assert rows_on(text) == 4
    assert "Money in\n1.28\nMoney out\n0.56\nClosing balance\n0.72" in text
