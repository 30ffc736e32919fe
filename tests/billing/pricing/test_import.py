"""Prices come in as a file in two steps, and exactly what was shown is entered."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.core import signing
from django.db import connection
from django.utils import timezone

from billing import rates
from billing.models import Rate
from billing.pricing import entry
from billing.pricing.rows import Reading, Row
from tests.billing.pricing.conftest import (
    HEADER,
    LAST_YEAR,
    LONG,
    SHORT,
    a_file,
    a_rate,
    address,
    confirmed,
    in_days,
    line,
    proposal,
    uploaded,
    words,
)

OPTIONAL = f"{HEADER},markup,fixed_price,sold,valid_from,note"


def price(provider: str, sku: str, at=None) -> int | None:
    found = rates.prices(at=at or timezone.now(), sku=sku)
    return next((one.price for one in found if one.provider == provider), None)


def test_a_file_is_shown_first_and_entered_only_when_confirmed(staff):
    content = a_file(line(SHORT, "0.30"), line(LONG, "0.56"), line(SHORT, "0.33", provider="gamma"))

    shown = uploaded(staff, content)

    assert "1 new · 1 dearer · 1 unchanged" in words(shown)
    assert "0.28 → 0.30" in words(shown)
    assert "+7.1 %" in words(shown)
    assert Rate.objects.count() == 3

    assert confirmed(staff, shown).status_code == 302

    assert (price("acme", SHORT), price("gamma", SHORT)) == (300_000, 330_000)
    assert Rate.objects.count() == 5
    assert Rate.objects.latest("id").note == "imported from prices.csv"
    assert LogEntry.objects.filter(change_message__contains="imported").count() == 2


def test_pressing_confirm_twice_enters_once(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.30")))

    confirmed(staff, shown)
    again = confirmed(staff, shown)

    assert "changed meanwhile" in words(again)
    assert Rate.objects.count() == 4


def test_a_table_that_changed_meanwhile_is_shown_again_before_anything_is_entered(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.30")))
    a_rate("acme", SHORT, 290_000, valid_from=timezone.now())

    again = confirmed(staff, shown)

    assert "changed meanwhile" in words(again)
    assert "0.29 → 0.30" in words(again)
    assert price("acme", SHORT) == 290_000
    confirmed(staff, again)
    assert price("acme", SHORT) == 300_000


def test_a_proposal_that_we_did_not_sign_is_worth_nothing(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.30")))
    forged = proposal(shown)[:-3] + "abc"

    answer = staff.post(address("prices_confirm"), {"proposal": forged}, follow=True)

    assert "upload the file again" in words(answer)
    assert Rate.objects.count() == 3


def test_what_is_left_out_stays_and_what_is_written_holds(staff):
    header = f"{HEADER},markup"
    shown = uploaded(
        staff, a_file(line(SHORT, "0.28", "1.1"), line(LONG, "0.60", ""), header=header)
    )
    confirmed(staff, shown)

    assert price("acme", SHORT) == 310_000  # 0.308, rounded up to a cent
    assert price("acme", LONG) == 900_000  # the markup of 1.5 is kept


def test_a_fixed_price_is_kept_without_its_column_and_dropped_by_an_empty_cell(staff):
    uploaded_without = uploaded(staff, a_file(line(SHORT, "0.36", provider="beta")))
    assert "The price stays, our cost changes." in words(uploaded_without)

    header = f"{HEADER},fixed_price"
    shown = uploaded(staff, a_file(line(SHORT, "0.35", "", provider="beta"), header=header))
    confirmed(staff, shown)

    assert price("beta", SHORT) == 350_000


def test_the_future_may_be_entered_and_is_shown_as_such(staff):
    soon, later = in_days(3), in_days(9)
    lines = [
        line(SHORT, "0.32", "", "", "yes", f"{later:%Y-%m-%dT%H:%M:%S}", "second"),
        line(SHORT, "0.30", "", "", "yes", f"{soon.isoformat()}", "first"),
    ]

    shown = uploaded(staff, a_file(*lines, header=OPTIONAL))
    confirmed(staff, shown)

    assert words(shown).count(f"later {soon:%Y-%m-%d}") == 1
    assert "0.30 → 0.32" in words(shown)  # the later one follows the sooner one
    assert price("acme", SHORT) == 280_000
    assert price("acme", SHORT, in_days(4)) == 300_000
    assert price("acme", SHORT, in_days(10)) == 320_000


def test_a_present_price_tells_what_is_scheduled_after_it(staff):
    a_rate("acme", SHORT, 500_000, valid_from=in_days(2))

    shown = uploaded(staff, a_file(line(SHORT, "0.30")))

    assert "Then 0.50 (cost 0.50) from" in words(shown)


def test_a_moment_that_passed_between_the_two_steps_is_not_entered(table):
    now = timezone.now()
    row = Row(line=2, provider="acme", sku=SHORT, cost=300_000, valid_from=LAST_YEAR)
    found = entry.preview(Reading([row]), source="x", now=now)

    with pytest.raises(entry.NotEntered, match="past by now"):
        entry.enter(found.proposal, ticked=[], now=now)


def test_a_proposal_is_for_the_one_who_saw_it(table):
    row = Row(line=2, provider="acme", sku=SHORT, cost=300_000)
    found = entry.preview(Reading([row]), source="x", now=timezone.now())

    assert entry.opened(entry.signed(found.proposal, by="one"), by="one") == found.proposal
    with pytest.raises(signing.BadSignature):
        entry.opened(entry.signed(found.proposal, by="one"), by="another")


@pytest.mark.parametrize(
    ("cells", "tick", "says"),
    [
        (["0.36"], "jumps", "jumps"),
        (["0.20"], "jumps", "jumps"),
        (["0.28", "0.9"], "below_cost", "below cost"),
    ],
)
def test_jumps_and_losses_need_a_tick(staff, cells, tick, says):
    header = f"{HEADER},markup" if len(cells) > 1 else HEADER
    shown = uploaded(staff, a_file(line(SHORT, *cells), header=header))
    assert says in words(shown)

    refused = confirmed(staff, shown)
    assert "Tick what you have looked at" in words(refused)
    assert Rate.objects.count() == 3

    confirmed(staff, shown, tick)
    assert Rate.objects.count() == 4


def test_a_quarter_more_is_no_jump(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.35")))

    assert "jumps" not in words(shown)


def test_what_is_not_sold_any_more_is_withdrawn_and_can_return(staff):
    header = f"{HEADER},sold"
    shown = uploaded(staff, a_file(line(SHORT, "", "no"), header=header))
    assert "1 withdrawn" in words(shown)
    confirmed(staff, shown)
    assert price("acme", SHORT) is None

    confirmed(staff, uploaded(staff, a_file(line(SHORT, "0.28"))))
    assert price("acme", SHORT) == 280_000


def test_a_complete_list_withdraws_what_it_does_not_name_of_its_providers_only(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.28")), complete="on")
    assert "1 withdrawn · 1 unchanged" in words(shown)
    confirmed(staff, shown)

    assert (price("acme", LONG), price("acme", SHORT)) == (None, 280_000)
    assert price("beta", SHORT) == 400_000


def test_the_same_table_again_is_nothing_to_enter(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.28")))

    assert "nothing to enter" in words(shown)
    assert not proposal(shown)


def test_another_rule_for_the_same_price_is_a_change(staff):
    header = f"{HEADER},fixed_price"
    shown = uploaded(staff, a_file(line(SHORT, "0.28", "0.28"), header=header))
    assert "1 same price, other rule" in words(shown)
    confirmed(staff, shown)

    newest = Rate.objects.latest("id")
    assert (newest.fixed_price, newest.markup) == (280_000, Decimal(1))


BAD = [
    (b"", "The file is empty"),
    (b"\n\n", "The file is empty"),
    (b"a,b\n1,2\n", "Line 1: There is no header"),
    (b"provider,model\n", "Line 1: The columns mode, resolution, duration, cost are missing."),
    (a_file(header=f"{HEADER},cost"), "Line 1, cost: This column stands there twice."),
    (a_file(header=f"{HEADER},markupp"), "Line 1, markupp: This column is not known."),
    (a_file(line(SHORT, "0.28")).decode().encode("utf-16"), "The file is UTF-16"),
    (a_file(line(SHORT, "0.28")) + b"caf\xe9", "Line 3: This is not UTF-8"),
    (a_file(line(SHORT, "0.28\x00")), "Line 2: There is a control character"),
    (a_file(line(SHORT, '"0.28')), "Line 2: This is not CSV"),
    (a_file(line(SHORT, "0.28", "", "x")), "Line 2: There are more cells than columns."),
    (a_file(line(SHORT, "")), "Line 2, cost: A cost above zero is needed."),
    (a_file(line(SHORT)), "Line 2, cost: A cost above zero is needed."),
    (a_file(line(SHORT, "0")), "Line 2, cost: Zero is no price"),
    (a_file(line(SHORT, "-0.28")), "Line 2, cost: “-0.28” is negative."),
    (a_file(line(SHORT, "0.28000000000000003")), "has more than six decimals"),
    (a_file(line(SHORT, "1e3")), "Line 2, cost: “1e3” is no amount."),
    (a_file(line(SHORT, "NaN")), "is no amount."),
    (a_file(line(SHORT, "٣")), "is no amount."),
    (a_file(line(SHORT, "999999999")), "This amount is too large."),
    (a_file(line(SHORT, "0.28", provider="nobody")), "Line 2, provider: “nobody” is no provider"),
    (a_file(line("hailuo-9/text-to-video/768P/6", "1")), "Line 2, model: “hailuo-9/"),
    (a_file(line("hailuo-2.3/text-to-video/768P/7", "1")), "Line 2, duration: “hailuo-2.3/"),
    (a_file(line(SHORT, "0.3"), line(SHORT, "0.4")), "Line 3, provider: acme hailuo-2.3/text"),
    (
        a_file(line(SHORT, "0.3", "0"), header=f"{HEADER},markup"),
        "Line 2, markup: “0” is no markup",
    ),
    (a_file(line(SHORT, "0.3", "9999"), header=f"{HEADER},markup"), "is no markup"),
    (a_file(line(SHORT, "0.3", "maybe"), header=f"{HEADER},sold"), "neither yes nor no"),
    (
        a_file(line(SHORT, "0.3", "2020-01-01"), header=f"{HEADER},valid_from"),
        "This moment is past",
    ),
    (a_file(line(SHORT, "0.3", "soon"), header=f"{HEADER},valid_from"), "“soon” is no time"),
    (
        a_file(line(SHORT, "0.3", "0001-01-01T00:00+14:00"), header=f"{HEADER},valid_from"),
        "is no time",
    ),
    (a_file(line(SHORT, "0.3", "n" * 201), header=f"{HEADER},note"), "200 characters at most"),
    (a_file(line(SHORT, "0.3", "9.99"), header=f"{HEADER},price"), "The price column says 9.99"),
    (a_file(line(SHORT, "5.01")), "above 5.00 USD, the most a clip may cost"),
    (a_file(*[line(SHORT, "0.3")] * 2_001), "The file has more than 2000 lines."),
    (a_file(*[line(SHORT, "0.3")] * 100_000), "larger than 500 KB"),
    (b"x" * (10 << 20), "larger than 500 KB"),
]


@pytest.mark.parametrize(("content", "says"), BAD, ids=[says[:40] for _, says in BAD])
def test_a_bad_file_says_where_it_is_bad_and_changes_nothing(staff, content, says):
    answer = uploaded(staff, content)

    assert answer.status_code == 200
    assert says in words(answer)
    assert not proposal(answer)
    assert Rate.objects.count() == 3


def test_one_bad_line_keeps_the_good_ones_out_too(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.30"), line(LONG, "x")))

    assert "1 cannot be read · 1 dearer" in words(shown)
    assert "1 fault: nothing can be entered until it is mended." in words(shown)
    assert not proposal(shown)


def test_what_spreadsheets_save_is_read(staff):
    content = a_file(line(SHORT, "0.30")).replace(b",", b";").replace(b"\n", b"\r\n")

    shown = uploaded(staff, b"\xef\xbb\xbf" + content)

    assert "1 dearer" in words(shown)


def test_the_longest_file_that_is_read_can_be_entered_too(staff):
    header = f"{HEADER},valid_from,note"
    noise = random.Random(7)
    lines = [
        line(
            SHORT, f"0.3{number % 2}", f"{in_days(number + 1):%Y-%m-%d}", noise.randbytes(60).hex()
        )
        for number in range(2_000)
    ]

    shown = uploaded(staff, a_file(*lines, header=header))
    assert "1700 more lines are not shown" in words(shown)
    assert "2000 prices entered." in words(confirmed(staff, shown, follow=True))

    assert Rate.objects.count() == 2_003


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_do_not_both_enter(table):
    row = Row(line=2, provider="acme", sku=SHORT, cost=300_000)
    found = entry.preview(Reading([row]), source="x", now=timezone.now())

    def confirm(_: int) -> bool:
        try:
            return bool(entry.enter(found.proposal, ticked=[], now=timezone.now()))
        except entry.NotEntered:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(confirm, range(4))) == [False, False, False, True]

    assert Rate.objects.count() == 4


def test_labels_are_drawn_and_not_spelled_out(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.40")))

    assert b"&lt;span" not in shown.content


def test_markup_in_a_file_is_text_on_the_page(staff):
    shown = uploaded(staff, a_file(line(SHORT, "0.28", provider="<script>alert(1)</script>")))

    assert b"<script>alert" not in shown.content
