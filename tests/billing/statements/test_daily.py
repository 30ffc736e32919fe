"""Days that are added up ahead of time say what the transfers say, wherever the mark stands."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from billing import audit, money, tasks
from billing.models import DaySpend, SpendMark, Wallet
from billing.statements import daily, usage
from tests.billing.statements.past import CLIP, LAST_MONTH, THIS_MONTH, TODAY, at

SPLITS = [(), ("day",), ("member",), ("day", "member", "key", "model")]


def spent(past) -> list[list[usage.Spend]]:
    return [
        usage.spend(workspace=past.workspace, first=LAST_MONTH, last=TODAY, by=by) for by in SPLITS
    ]


def many(past, count: int = 700) -> None:
    past.topped_up(1_000 * money.MICROS, at(LAST_MONTH, 0))
    past.many_clips(count, LAST_MONTH, THIS_MONTH)


def test_adding_up_changes_no_answer(past):
    many(past, 400)
    before = spent(past)
    tasks.add_up()
    assert SpendMark.objects.get().position == 801
    assert spent(past) == before
    past.refunded(past.clip(at(TODAY)), at(TODAY), amount=100_000)
    after = spent(past)
    assert after[0][0].amount == 401 * CLIP - 100_000
    while daily.add_up(Wallet.objects.get(pk=past.workspace.pk)):
        pass
    assert spent(past) == after


def test_wherever_the_mark_stands_the_answer_is_the_same(past):
    many(past, 60)
    expected, chance = spent(past), random.Random(6)
    while True:
        wallet = Wallet.objects.get(pk=past.workspace.pk)
        more = daily.add_up(wallet, at_once=chance.randint(1, 40))
        assert spent(past) == expected
        assert audit.faults() == []
        if not more:
            break


def test_a_look_at_a_wallet_that_is_far_behind_adds_it_up(past, dora):
    many(past)
    wallet = Wallet.objects.get(pk=past.workspace.pk)
    assert wallet.moves > daily.BEHIND
    page = dora.get("/usage", {"first": str(LAST_MONTH), "last": str(TODAY)})
    assert page.context["figures"].amount == 700 * CLIP
    assert SpendMark.objects.get().position == wallet.moves


def test_a_day_has_one_row_for_each_combination_however_often_it_is_added_up(past):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    for hour in range(1, 6):
        past.clip(at(LAST_MONTH, hour))
        daily.add_up(Wallet.objects.get(pk=past.workspace.pk))
    (row,) = DaySpend.objects.all()
    assert (row.day, row.amount, row.charges) == (LAST_MONTH, 5 * CLIP, 5)


def test_what_was_written_a_moment_before_midnight_but_later_belongs_to_the_new_day(past):
    """As in statements: the first transfer of a day opens it, and those behind it follow."""
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    next_day = LAST_MONTH + timedelta(days=1)
    past.clip(at(next_day, 0))
    late = past.held(at(LAST_MONTH, 23, 59))
    past.moved("capture", "held", "revenue", CLIP, at(LAST_MONTH, 23, 59), reference=late)
    found = usage.spend(workspace=past.workspace, first=LAST_MONTH, last=next_day)
    assert [(one.split["day"], one.charges) for one in found] == [(str(next_day), 2)]


def test_wallets_with_little_to_add_up_are_left_alone(past):
    past.topped_up(10 * money.MICROS, at(LAST_MONTH))
    past.clip(at(LAST_MONTH))
    assert daily.run() == 0


@pytest.mark.parametrize("change", ["amount", "charges"])
def test_the_audit_names_a_day_that_is_wrong(past, change):
    many(past, 300)
    tasks.add_up()
    row = DaySpend.objects.earliest("pk")
    DaySpend.objects.filter(pk=row.pk).update(**{change: getattr(row, change) + 1})
    (fault,) = audit.faults()
    assert fault.startswith("What was spent by day is what the transfers say up to its mark")
    DaySpend.objects.filter(pk=row.pk).update(**{change: getattr(row, change)})
