"""What was spent, as charts: they add up, say every number in words too, and become a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest

from accounts import keys
from billing import money
from billing.charts import columns, spans
from billing.charts.figures import Step
from billing.charts.spans import Span
from billing.statements import usage
from tests.billing.statements.past import CLIP, LAST_MONTH, THIS_MONTH, TODAY, at
from tests.factories import a_member, a_user
from tests.site import lives
from tests.site.conftest import browser_of

LAST_DAY = THIS_MONTH - timedelta(days=1)


def shown(browser, first: date = LAST_MONTH, last: date = LAST_DAY):
    answer = browser.get("/usage", {"first": str(first), "last": str(last)})
    assert answer.status_code == 200
    return answer


def table(browser, first: date = LAST_MONTH, last: date = LAST_DAY) -> list[dict[str, str]]:
    """The file, read as a spreadsheet would."""
    answer = browser.get("/usage.csv", {"first": str(first), "last": str(last)})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"usage-{first}-to-{last}.csv" in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


# It adds up


def test_every_chart_and_the_file_add_up_to_the_same(past, dora):
    past.topped_up(100 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(300, LAST_MONTH, THIS_MONTH)

    page = shown(dora)
    figures = page.context["figures"]

    assert (figures.amount, figures.charges) == (300 * CLIP, 300)
    for part in (figures.steps, figures.members, figures.keys, figures.models):
        assert sum(one.amount for one in part) == 300 * CLIP
        assert sum(one.charges for one in part) == 300
    rows = table(dora)
    assert sum(money.micros(row["amount"]) for row in rows) == 300 * CLIP
    assert sum(int(row["charges"]) for row in rows) == 300
    assert "$84.00" in page.content.decode()


def test_of_many_keys_the_page_shows_the_largest_and_the_rest_in_one_line(past, dora):
    past.topped_up(100 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(200, LAST_MONTH, THIS_MONTH)
    shares = shown(dora).context["figures"].keys
    assert len(shares) == 13
    assert shares[-1].name == "8 more"


def test_the_numbers_of_each_day_stand_in_a_table_behind_the_chart(past, dora):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    reference = past.clip(at(LAST_MONTH))
    past.refunded(reference, at(LAST_MONTH + timedelta(days=1)), amount=100_000)

    page = shown(dora).content.decode()

    rows = re.findall(r'<tr><th scope="row">(.+?)</th>.+?>(\d+)</td>.+?>([−$.\d]+)</td></tr>', page)
    assert rows[0] == (f"{LAST_MONTH:%-d %b %Y}", "1", "$0.28")
    assert rows[1][1:] == ("0", "−$0.10")
    assert page.count('class="chart__column"') == 1, "what came back is no column"
    assert 'role="img" aria-label="$0.18 from' in page


def test_other_workspaces_do_not_count(past, dora, wallet):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    past.clip(at(LAST_MONTH))
    dora.force_login(wallet.workspace.people.get())
    assert "Nothing was spent" in shown(dora).content.decode()


def test_what_comes_in_after_a_look_is_there_at_the_next_one(past, dora, audited):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    reference = past.clip(at(LAST_MONTH))
    assert shown(dora, last=TODAY).context["figures"].amount == CLIP

    past.clip(at(TODAY, 0))
    past.refunded(reference, at(TODAY, 0), amount=80_000)

    assert shown(dora, last=TODAY).context["figures"].amount == 2 * CLIP - 80_000
    assert shown(dora).context["figures"].amount == CLIP, "what is over has not changed"


# Names


def test_people_and_keys_are_called_what_they_are_called(alice):
    browser = browser_of(alice)
    bob = a_member(alice.workspace, user=a_user("+bob@example.org"))
    key = keys.create(maker=alice, name="=Render server").key
    clip = lives.ordered(alice)
    type(clip).objects.filter(pk=clip.pk).update(api_key=key)
    lives.delivered(clip)
    lives.delivered(lives.ordered(bob))
    bob.delete()

    page = browser.get("/usage").content.decode()

    for words in ("alice@example.org", "=Render server …", "The website", "hailuo-2.3"):
        assert words in page
    assert '+bob@example.org <span class="soft small">has left</span>' in page
    (first, second) = table(browser, TODAY, TODAY)
    assert {first["member"], second["member"]} == {"'+bob@example.org", "alice@example.org"}
    assert f"'=Render server …{key.ending}" in {first["key"], second["key"]}


# Which days


def test_without_days_it_is_the_last_thirty(dora):
    span = dora.get("/usage").context["span"]
    assert (span.last, span.days) == (TODAY, 30)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"first": "yesterday"}, "Write the first day like 2026-01-31."),
        ({"last": "31.01.2026"}, "Write the last day like 2026-01-31."),
        ({"first": "2026-02-01", "last": "2026-01-31"}, "The last day is before the first one."),
        ({"first": "2020-01-01", "last": "2026-01-31"}, "Look at 366 days at most."),
        ({"last": "0001-01-01"}, "Choose a later day."),
        ({"first": "9999-12-31"}, "The last day is before the first one."),
    ],
    ids=str,
)
@pytest.mark.parametrize("address", ["/usage", "/usage.csv"])
def test_days_that_make_no_sense_are_refused_at_their_field(dora, address, days, words):
    answer = dora.get(address, days)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert all(f'value="{text}"' in page for text in days.values()), "what was typed stays"


def test_days_without_a_clip_say_what_to_do(dora):
    page = shown(dora).content.decode()
    assert "Nothing was spent" in page
    assert "Order a clip" in page
    assert table(dora) == []


def test_a_long_span_is_shown_by_week_and_its_days_add_up(past, dora):
    past.topped_up(100 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(60, LAST_MONTH, THIS_MONTH)
    steps = shown(dora, TODAY - timedelta(days=364), TODAY).context["figures"].steps
    assert len(steps) == 53
    assert sum(step.amount for step in steps) == 60 * CLIP
    assert steps[0].span.days == 7
    assert steps[-1].span.last == TODAY


# Geometry


@pytest.mark.parametrize(
    ("amount", "top"),
    [
        (-5, 10_000),
        (0, 10_000),
        (10_001, 20_000),
        (280_000, 500_000),
        (1_000_000, 1_000_000),
        (12_345_678, 20_000_000),
        (99 * 10**12, 100 * 10**12),
    ],
)
def test_the_upper_end_is_a_round_amount(amount, top):
    assert columns.ceiling(amount) == top


def test_columns_are_as_high_as_their_amounts_and_stay_inside():
    day = Span(TODAY, TODAY)
    amounts = [0, 250_000, 500_000, -90_000]
    chart = columns.chart([Step(day, amount, 1) for amount in amounts])
    assert [one.height for one in chart.columns] == ["0.00", "50.00", "100.00", "0.00"]
    assert [one.y for one in chart.columns] == ["100.00", "50.00", "0.00", "100.00"]
    assert chart.columns[-1].x + columns.WIDTH - columns.GAP == chart.width


@pytest.mark.parametrize("days", [1, 2, 92, 93, 365, 366])
def test_the_steps_of_a_span_are_all_its_days_once(days):
    steps = list(spans.latest(days, today=TODAY).steps())
    assert sum(step.days for step in steps) == days
    assert len(steps) <= spans.MOST_COLUMNS


def test_what_the_page_shows_is_what_the_api_says(past, dora):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    past.clip(at(LAST_MONTH))
    spent = usage.spend(workspace=past.workspace, first=LAST_MONTH, last=LAST_DAY)
    steps = shown(dora).context["figures"].steps
    assert [(one.split["day"], one.amount) for one in spent] == [
        (str(step.span.first), step.amount) for step in steps if step.amount
    ]
