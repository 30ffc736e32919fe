"""What was spent, by day and by whoever spent it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing import money
from billing.statements import references, usage
from tests.billing.statements.past import CLIP, LAST_MONTH, MONTH_BEFORE, THIS_MONTH, TODAY, at


def spend(past, *by: str, first=LAST_MONTH, last=THIS_MONTH - timedelta(days=1)):
    return usage.spend(workspace=past.workspace, first=first, last=last, by=by)


def test_a_day_is_what_was_charged_less_what_was_given_back(past):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    reference = past.clip(at(LAST_MONTH))
    past.clip(at(LAST_MONTH, 13))
    past.held(at(LAST_MONTH, 14))
    next_day = LAST_MONTH + timedelta(days=1)
    past.refunded(reference, at(next_day), amount=100_000)

    found = spend(past, "day")

    assert [(one.split["day"], one.amount, one.charges) for one in found] == [
        (str(LAST_MONTH), 2 * CLIP, 2),
        (str(next_day), -100_000, 0),
    ]


def test_the_days_at_the_ends_are_included_and_no_others(past):
    past.topped_up(10 * money.MICROS, at(MONTH_BEFORE))
    for day in (1, 2, 3, 4):
        past.clip(at(LAST_MONTH.replace(day=day)))

    found = spend(past, first=LAST_MONTH.replace(day=2), last=LAST_MONTH.replace(day=3))

    assert [one.amount for one in found] == [2 * CLIP]


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ((), 1),
        (("member",), 5),
        (("key",), 20),
        (("model",), 3),
        (("model", "member"), 15),
        (("day", "model", "member", "key"), 300),
    ],
)
def test_however_it_is_split_it_adds_up(past, by, rows):
    past.topped_up(100 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(300, LAST_MONTH, THIS_MONTH)

    found = spend(past, *by)

    assert sum(one.amount for one in found) == 300 * CLIP
    assert sum(one.charges for one in found) == 300
    assert len(found) == (rows if rows < 300 else len({tuple(one.split.values()) for one in found}))
    assert all(tuple(one.split) == by for one in found)


def test_what_nobody_knows_is_counted_under_an_empty_name(past):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    past.clip(at(LAST_MONTH))
    past.moved("hold", "available", "held", CLIP, at(LAST_MONTH), reference="job:no-uuid")
    past.moved("capture", "held", "revenue", CLIP, at(LAST_MONTH), reference="job:no-uuid")

    assert [(one.split, one.amount) for one in spend(past, "model")] == [({"model": ""}, 2 * CLIP)]


def test_a_wallet_that_spent_nothing_has_no_rows(past):
    assert spend(past) == []
    assert spend(past, "day", "model") == []


def test_a_split_nobody_knows_is_refused_by_name(past):
    with pytest.raises(ValueError, match="Nothing can be split by colour"):
        spend(past, "colour")


def test_other_workspaces_do_not_count(past, wallet):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    past.clip(at(LAST_MONTH))

    assert usage.spend(workspace=wallet.workspace, first=MONTH_BEFORE, last=TODAY) == []


def test_a_kind_of_reference_must_be_a_plain_word():
    with pytest.raises(ValueError, match="cannot be the kind"):
        references.register("job; DROP", lambda asked: {})
