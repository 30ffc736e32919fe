"""When to look: seldom, soon enough, and never misled for long."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bench import looks
from bench.timewarp import Ours, World
from generations import pace
from generations.pace import Asking

ONE_BY_ONE = Asking()
IN_BATCHES = Asking(batch=20, under_way=100)
WITH_KNOCKS = Asking(knocks=0.98)

HALF_AN_HOUR = 1800.0
DAY = 86_400.0

spans = st.lists(st.floats(0.0, DAY), max_size=60)
similar = st.builds(
    lambda usual, around: [usual * factor for factor in around],
    st.floats(5.0, 900.0),
    st.lists(st.floats(0.7, 1.4), min_size=1, max_size=60),
)
askings = st.builds(
    Asking,
    batch=st.sampled_from([1, 20]),
    knocks=st.floats(0.0, 1.0),
    under_way=st.integers(0, 20_000),
)
ages = st.floats(0.0, 2 * DAY)


@given(spans, askings, ages)
def test_the_next_look_is_never_at_once_and_never_beyond_the_longest_wait(past, asking, age):
    wait = pace.next_look(pace.learn(past), asking, age=age)

    assert pace.LEAST <= wait <= asking.most <= pace.MOST_WITH_KNOCKS


@given(spans, ages)
def test_without_knocks_nobody_waits_longer_than_twelve_seconds(past, age):
    assert pace.next_look(pace.learn(past), ONE_BY_ONE, age=age) <= pace.MOST == 12.0


@given(spans, askings, ages)
def test_a_job_is_never_left_alone_for_longer_than_it_has_taken_so_far(past, asking, age):
    wait = pace.next_look(pace.learn(past), asking, age=age)

    assert wait <= max(age, pace.LEAST)


@given(similar)
def test_the_first_look_comes_before_the_usual_time(past):
    learned = pace.learn(past)

    assert 0 < pace.first_look(learned, ONE_BY_ONE) < max(learned.usual, 4.0)
    assert 0 < pace.first_look(learned, IN_BATCHES) < max(learned.usual, 4.0)


@given(spans)
def test_the_table_is_a_distribution(past):
    learned = pace.learn(past)
    shares = [learned.done_by(1.3**step) for step in range(-5, 50)]

    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert all(earlier <= later for earlier, later in pairwise(shares))


@given(spans, st.floats(0.001, 0.999))
def test_by_the_age_of_a_share_this_share_is_done(past, share):
    learned = pace.learn(past)
    age = learned.age_when(share)

    assert learned.done_by(age * 0.9999) - 1e-6 <= share <= learned.done_by(age * 1.0001) + 1e-6


@given(spans, ages, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_greater_chance_takes_longer(past, age, one, other):
    learned = pace.learn(past)
    sooner, later = (learned.age_after(age, chance) for chance in sorted([one, other]))

    assert age <= sooner <= later


@given(spans, ages, ages)
def test_the_longer_a_job_has_taken_the_later_it_will_be_done(past, one, other):
    learned = pace.learn(past)
    younger, older = (learned.age_after(age, 0.02) for age in sorted([one, other]))

    assert younger <= older * (1 + 1e-9)


@given(similar, st.floats(1.1, 5.0))
def test_slower_providers_are_asked_later(past, factor):
    slower = [span * factor for span in past]

    sooner = pace.first_look(pace.learn(past), ONE_BY_ONE)
    assert pace.first_look(pace.learn(slower), ONE_BY_ONE) >= sooner - 0.5


@given(st.floats(0.0, 0.99), st.floats(0.0, 0.99))
def test_the_more_jobs_knock_the_later_the_first_look(one, other):
    learned = pace.learn(looks.past())
    fewer, more = (pace.first_look(learned, Asking(knocks=share)) for share in sorted([one, other]))

    assert fewer <= more


@given(similar)
def test_where_the_past_is_no_guide_any_more_looks_become_rare(past):
    learned = pace.learn(past)
    ages = [4 * max(past) * 1.1**step for step in range(100)]
    waits = [pace.next_look(learned, ONE_BY_ONE, age=age) for age in ages if age < DAY]

    assert all(later >= earlier * 0.95 for earlier, later in pairwise(waits))
    assert waits[-1] == pace.MOST


def test_without_a_past_the_first_look_comes_after_a_few_seconds():
    assert 2.0 < pace.first_look(pace.learn([]), ONE_BY_ONE) < 8.0
    assert 2.0 < pace.first_look(pace.learn([]), IN_BATCHES) < 8.0


def test_the_first_look_comes_when_a_small_share_is_done():
    learned = pace.learn(looks.past())

    assert 0.01 < learned.done_by(pace.first_look(learned, ONE_BY_ONE)) < 0.1


def test_between_two_usual_times_nobody_is_asked_often():
    chance = random.Random(1)
    learned = pace.learn(chance.choice((40, 150)) * chance.uniform(0.9, 1.1) for _ in range(100))

    assert pace.next_look(learned, ONE_BY_ONE, age=70) == pace.MOST
    assert pace.next_look(learned, ONE_BY_ONE, age=150) < 5
    assert pace.next_look(learned, ONE_BY_ONE, age=40) < 5


def test_batches_are_asked_more_often_than_single_jobs():
    learned = pace.learn(looks.past())

    alone = pace.next_look(learned, ONE_BY_ONE, age=90)
    assert pace.next_look(learned, IN_BATCHES, age=90) < alone / 2


def test_with_knocks_a_look_is_only_a_safety_net():
    learned = pace.learn(looks.past())

    assert learned.done_by(pace.first_look(learned, WITH_KNOCKS)) > 0.7
    assert pace.next_look(learned, WITH_KNOCKS, age=110) > 8


def test_knocks_that_never_come_are_not_waited_for():
    learned = pace.learn(looks.past())

    assert pace.first_look(learned, Asking(knocks=0.0)) == pace.first_look(learned, ONE_BY_ONE)


@given(st.floats(0, 2e9), st.floats(1.0, 600.0), askings)
def test_a_look_falls_close_to_its_time_and_never_before_now(now, wait, asking):
    due = pace.due(now, wait, asking)

    assert due > now
    assert abs(due - (now + wait)) <= pace.TOGETHER / 2 + 1e-6


def test_few_jobs_in_batches_are_asked_about_together():
    now = 1_800_000_000.0
    due = {pace.due(now, 2.0 + step / 10, IN_BATCHES) for step in range(15)}

    assert len(due) <= 2


def test_many_jobs_in_batches_are_spread_over_more_instants():
    now = 1_800_000_000.0
    many = Asking(batch=20, under_way=5_000)
    due = {pace.due(now, 2.0 + step / 10, many) for step in range(15)}

    assert len(due) > 6


def test_jobs_asked_about_one_by_one_keep_their_own_times():
    assert pace.due(1000.0, 3.21, ONE_BY_ONE) == 1003.21


def test_a_render_ended_between_the_last_two_looks():
    assert pace.took(seen=94.0, at_work=90.0) == 92.0


def test_a_knock_says_when_it_ended():
    assert pace.took(seen=94.0, at_work=90.0, knocked=93.5) == 93.5
    assert pace.took(seen=94.0, knocked=93.5) == 93.5


def test_a_knock_that_came_while_it_was_at_work_says_nothing():
    assert pace.took(seen=94.0, at_work=90.0, knocked=3.0) == 92.0


def test_a_render_found_done_at_its_first_look_was_quicker_than_that():
    assert pace.took(seen=60.0) < 60.0


def test_a_provider_that_has_become_instant_is_soon_asked_early():
    past = looks.past()
    for _ in range(12):  # rounds of jobs, every one of them done at its first look
        first = pace.first_look(pace.learn(past), ONE_BY_ONE)
        past = (past + [pace.took(seen=first)] * 100)[-100:]

    assert first < 5


def test_the_budgets_hold_in_a_small_world():
    rows = [
        *looks.alone(in_flight=500, clips=1_500),
        *looks.batched(in_flight=500, clips=1_500),
        *looks.knocked(in_flight=500, clips=1_500),
    ]
    budgets = [budget for row in rows for budget in row.budgets]

    assert len(budgets) == 6
    assert [str(budget) for budget in budgets if not budget.met] == []


def test_the_budgets_hold_where_the_past_is_no_guide():
    budgets = [budget for row in looks.misled(clips=1_500) for budget in row.budgets]

    assert [str(budget) for budget in budgets if not budget.met] == []


def test_a_job_that_never_ends_costs_few_looks_until_it_is_overdue():
    world = World(Ours(past=looks.past()), lambda chance: float("inf"), in_flight=10, clips=10)

    figures = world.run()

    assert figures.lags == []
    assert figures.looks_per_clip < 1.2 * HALF_AN_HOUR / pace.MOST


def test_a_decision_takes_next_to_no_time():
    assert looks.microseconds(calls=2_000) < looks.QUICK
