"""Whose turn it is: places go round the workspaces."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from generations import lifecycle, queue
from generations.api import present
from generations.loops import dispatch
from generations.models import Generation, ProviderStatus
from tests.factories import a_workspace

pytestmark = pytest.mark.django_db(transaction=True)


def claims(limit=50):
    begun, _ = dispatch.hand_out(blocking=False, limit=limit)
    return [claim for claim, _ in begun]


def handed_out(limit=50):
    return [claim.row for claim in claims(limit)]


def test_a_thousand_orders_of_one_customer_do_not_starve_anothers_single_one(companies, place):
    companies(east=28)
    ProviderStatus.objects.create(name="east", most_in_flight=10, most_per_minute=1000)
    place(40)
    under_way = claims()
    assert len(under_way) == 10
    [single] = place()
    lifecycle.failed(under_way[0], code="provider_error")

    [next_one] = handed_out()

    assert next_one.pk == single.pk


def test_places_go_round_however_much_each_has_ordered(companies, place):
    companies(east=28)
    ProviderStatus.objects.create(name="east", most_in_flight=9, most_per_minute=1000)
    workspaces = [a_workspace(deposit="90.00") for _ in range(3)]
    for count, workspace in zip((30, 5, 3), workspaces, strict=True):
        place(count, workspace)

    taken = [one.workspace_id for one in handed_out()]

    assert [taken.count(workspace.pk) for workspace in workspaces] == [3, 3, 3]


def test_the_older_order_of_a_workspace_goes_first(companies, place):
    companies(east=28)
    first, second = place(2)

    assert [one.pk for one in handed_out(limit=1)] == [first.pk]
    assert [one.pk for one in handed_out(limit=1)] == [second.pk]


def test_what_waits_for_its_first_frame_or_its_time_is_passed_over(companies, place):
    companies(east=28)
    unfetched, early, ready = place(3)
    Generation.objects.filter(pk=unfetched.pk).update(image_url="https://example.org/kite.jpg")
    later = timezone.now() + timedelta(minutes=1)
    Generation.objects.filter(pk=early.pk).update(due_at=later)

    assert [one.pk for one in handed_out()] == [ready.pk]


def test_a_position_is_the_number_of_turns_until_ones_own(companies, place):
    companies(east=28)
    crowd, single = place(20), place(1)

    told = queue.positions(crowd + single, furthest=1000)

    assert told[crowd[0].pk] == 1
    assert told[single[0].pk] == 2
    assert told[crowd[19].pk] == 21


def test_positions_beyond_the_furthest_are_told_as_that(companies, place):
    companies(east=28)
    waiting = place(5)

    told = queue.positions(waiting, furthest=3)

    assert [told[one.pk] for one in waiting] == [1, 2, 3, 3, 3]


def test_whoever_waits_longer_is_told_a_later_time(companies, place):
    companies(east=28)
    ProviderStatus.objects.create(name="east", most_in_flight=2)
    waiting = place(6)
    now = timezone.now()

    told = [present.generation(one, now=now, queue_position=n) for n, one in enumerate(waiting, 1)]

    assert told[0]["eta"] == told[1]["eta"] < told[2]["eta"] == told[3]["eta"] < told[4]["eta"]
