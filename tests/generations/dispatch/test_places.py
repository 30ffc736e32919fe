"""Where an order goes: policies, ties, caps, rates, what keeps work away, what a route may cost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generations import history, refusals
from generations.loops import dispatch
from generations.models import Attempt, Generation, ProviderStatus
from tests.generations.dispatch.conftest import able

pytestmark = pytest.mark.django_db(transaction=True)


def sent_to(limit=50, **options):
    begun, _ = dispatch.hand_out(blocking=False, limit=limit, **options)
    return [attempt.provider for _, attempt in begun]


def reasons(generation):
    event = generation.events.filter(type="attempt.submitting").latest("id")
    return {route["provider"]: route["reason"] for route in event.data["routes"]}


def test_the_cheapest_is_asked_first(companies, place):
    companies(dear=35, cheap=28)
    place()

    assert sent_to() == ["cheap"]


def test_a_tie_goes_to_the_emptier_one_then_by_name(companies, place):
    companies(b=28, a=28)
    place(4)

    assert sent_to() == ["a", "b", "a", "b"]


def test_the_emptier_one_is_measured_by_its_own_cap(companies, place):
    companies(small=28, wide=28)
    ProviderStatus.objects.create(name="small", most_in_flight=2)
    ProviderStatus.objects.create(name="wide", most_in_flight=6)
    place(8)

    taken = sent_to()

    assert (taken.count("small"), taken.count("wide")) == (2, 6)
    assert taken[:3] == ["small", "wide", "wide"], "half of it is fuller than a sixth"


def test_other_policies_rank_by_our_own_history(companies, place):
    companies(slow=28, quick=35)
    for name, seconds in (("slow", 200), ("quick", 50)):
        a_past(name, seconds, place)
    [order] = place(policy="fastest")

    assert sent_to() == ["quick"]
    assert order.quoted == 350_000, "quoted at the price of the route the policy prefers"


def test_full_means_the_next_route_and_then_waiting(companies, place):
    companies(cheap=28, dear=35)
    for name in ("cheap", "dear"):
        ProviderStatus.objects.create(name=name, most_in_flight=1)
    waiting = place(3)

    assert sent_to() == ["cheap", "dear"]
    assert sent_to() == []
    assert reasons(waiting[1]) == {"cheap": "full", "dear": None}


def test_a_rate_of_submissions_is_kept(companies, place):
    companies(east=28)
    ProviderStatus.objects.create(name="east", most_per_minute=3, most_in_flight=100)
    place(5)

    assert len(sent_to()) == 3
    assert sent_to() == []
    a_minute_ago = timezone.now() - timedelta(seconds=61)
    Attempt.objects.update(submitted_at=a_minute_ago)
    assert len(sent_to()) == 2


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"enabled": False}, "switched off"),
        ({"draining": True}, "draining"),
        ({"paused_until": timedelta(seconds=30)}, "paused"),
        ({"broken_until": timedelta(seconds=30)}, "resting"),
        ({"busy_until": timedelta(seconds=30)}, "busy"),
    ],
)
def test_nothing_new_goes_to_one_that_is_kept_free(companies, place, status, reason):
    companies(cheap=28, dear=35)
    [order] = place()
    until = {
        name: timezone.now() + value if isinstance(value, timedelta) else value
        for name, value in status.items()
    }
    ProviderStatus.objects.create(name="cheap", **until)

    assert sent_to() == ["dear"]
    assert reasons(order) == {"cheap": reason, "dear": None}


def test_two_dispatchers_at_once_never_give_out_more_places_than_there_are(companies, place):
    companies(east=28)
    ProviderStatus.objects.create(name="east", most_in_flight=7, most_per_minute=1000)
    place(30)

    def work(_):
        try:
            return sent_to()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        taken = [name for names in threads.map(work, range(6)) for name in names]

    assert len(taken) == 7


def test_a_route_that_would_cost_us_too_much_is_none(companies, place, settings):
    companies(cheap=28, dear=54)  # 0.26 more than was quoted
    ProviderStatus.objects.create(name="cheap", draining=True)
    [order] = place()

    assert sent_to() == []
    settings.MAX_FAILOVER_LOSS = 300_000
    assert sent_to() == ["dear"]
    assert order.attempts.get().loss == 260_000


def test_what_a_day_may_cost_us_is_never_exceeded(companies, place, settings):
    settings.MAX_FAILOVER_LOSS_PER_DAY = 200_000
    companies(cheap=28, dear=35)
    ProviderStatus.objects.create(name="cheap", draining=True)
    place(5)

    assert sent_to() == ["dear", "dear"], "0.07 each: a third would make 0.21"
    assert sent_to() == []


def test_max_price_and_a_named_provider_leave_no_other_route(companies, place):
    companies(cheap=28, dear=35)
    named, capped = [*place(provider="dear"), *place(max_price=300_000)]

    assert {route["provider"] for route in named.routes} == {"dear"}
    assert {route["provider"] for route in capped.routes} == {"cheap"}


@pytest.mark.parametrize("status", ["paused_until", "broken_until", "draining"])
def test_a_named_provider_that_takes_nothing_refuses_at_once(companies, place, status):
    companies(east=28)
    soon = timezone.now() + timedelta(minutes=1)
    ProviderStatus.objects.create(name="east", **{status: True if status == "draining" else soon})

    with pytest.raises(refusals.ProviderPaused) as refusal:
        place(provider="east")

    assert refusal.value.retry_after > 0


def test_what_cannot_be_expressed_makes_no_candidate(companies, place):
    companies(plain=28)
    companies(able=able(watermark=True), marked=35)

    [order] = place(watermark=True)

    assert [route["provider"] for route in order.routes] == ["marked"]


def test_the_timeline_tells_scores_and_reasons_and_not_what_it_costs_us(companies, place):
    companies(cheap=28, dear=35)
    [order] = place()
    sent_to()

    told = order.events.get(type="attempt.submitting").data["routes"]

    assert told == [
        {"provider": "cheap", "price": "0.28", "score": 280_000, "load": 0, "reason": None},
        {"provider": "dear", "price": "0.35", "score": 350_000, "load": 0, "reason": None},
    ]


def a_past(provider, seconds, place):
    """One that was rendered there in so many seconds."""
    [order] = place(provider=provider)
    dispatch.hand_out(blocking=False, limit=1)
    now = timezone.now()
    Attempt.objects.filter(generation=order).update(
        submitted_at=now - timedelta(seconds=seconds), rendered_at=now
    )
    assert round(history.typical_seconds(provider, order.sku)) == seconds
    assert Generation.objects.get(pk=order.pk).state == "submitting"
