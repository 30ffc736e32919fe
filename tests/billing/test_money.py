from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import money


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (280_000, "0.28"),
        (0, "0.00"),
        (10_000_000, "10.00"),
        (-280_000, "-0.28"),
        (1, "0.000001"),
        (1_234_500, "1.2345"),
    ],
)
def test_money_has_two_decimals_and_more_only_where_needed(micros, text):
    assert money.usd(micros) == text


@given(st.integers(0, money.MOST))
def test_what_is_written_is_read_again(micros):
    assert money.micros(money.usd(micros)) == micros


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1e2",
        "-1",
        "+1",
        "NaN",
        "Infinity",
        "1.2345678",
        "٣",
        "1,5",
        "0x1",
        "9" * 10000,
        None,
        1,
        1.5,
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"amount|USD"):
        money.micros(text)


def test_a_markup_is_rounded_up_to_a_whole_cent_and_none_leaves_the_price_alone():
    assert money.marked_up(280_000, Decimal("1.10")) == 310_000
    assert money.marked_up(280_000, Decimal("1.000")) == 280_000
    assert money.marked_up(283_333, Decimal(1)) == 283_333
