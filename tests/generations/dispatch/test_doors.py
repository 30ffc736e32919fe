"""Webhooks: challenges, signatures and their rotation, early and late knocks, named jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from generations import connect, lifecycle
from generations.loops import dispatch, late, look
from generations.models import Attempt, Generation, Knock
from generations.providers.base import Accepted, Unclear
from generations.states import State
from tests.generations.dispatch.conftest import able
from tests.generations.dispatch.scripted import signed

pytestmark = pytest.mark.django_db(transaction=True)

DONE = {"state": "done", "url": "https://example.org/v.mp4"}
HOUR = timedelta(hours=1)


@pytest.fixture
def knock(client):
    def knocked(attempt, body=b'{"job": "j"}', **headers):
        address = f"/webhooks/providers/{attempt.provider}/{connect.webhook_token(attempt)}"
        return client.post(address, body, "application/json", headers=headers)

    return knocked


def state_of(order):
    return Generation.objects.get(pk=order.pk).state


def lost(place):
    """An order whose submission was cut off after it was sent."""
    [order] = place()
    [(claim, attempt)], _ = dispatch.hand_out(blocking=False, limit=1)
    dispatch.prepare(claim, attempt)
    lifecycle.unclear(claim, attempt=attempt, error=Unclear("cut"))
    return order, attempt


# Challenges


def test_a_challenge_is_echoed_and_not_filed(companies, place, knock):
    companies(east=28)
    _, attempt = lost(place)

    answer = knock(attempt, b'{"challenge": "abc-123"}')

    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc-123"})
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Knock.objects.count() == 0


# Signatures


def test_a_signed_knock_is_let_in_and_any_other_is_not(companies, place, knock, wire, caplog):
    companies(able=able(signed=True), east=28)
    wire.says("east/keys", (200, {"keys": ["first-key"]}))
    _, attempt = lost(place)
    now, body = timezone.now(), b'{"job": "j"}'

    assert knock(attempt, body, **signed(body, "first-key", at=now)).status_code == 200
    lies = [
        {},
        signed(body, "another-key", at=now),
        signed(b"another body", "first-key", at=now),
        signed(body, "first-key", at=now - timedelta(seconds=310)),
        signed(body, "first-key", at=now + timedelta(seconds=310)),
        signed(body, "", at=now),
        {"x-sent": "soon", "x-signed": "zz"},
    ]
    for headers in lies:
        assert knock(attempt, b'{"job": "lie"}', **headers).status_code == 401
    assert Knock.objects.count() == 1
    told = [one.getMessage() for one in caplog.records if one.name == "reelay.security"]
    assert told == ["signature.refused of=east address=127.0.0.1"] * len(lies)


def test_a_key_they_changed_to_is_asked_for(companies, place, knock, wire, settings):
    companies(able=able(signed=True), east=28)
    wire.says("east/keys", (200, {"keys": ["old-key"]}), (200, {"keys": ["old-key", "new-key"]}))
    _, attempt = lost(place)
    now, body = timezone.now(), b'{"job": "j"}'
    knock(attempt, body, **signed(body, "old-key", at=now))

    cache.delete("webhook-keys:east:asked")  # a minute later

    answers = [
        knock(attempt, body, **signed(body, *keys, at=now)).status_code
        for keys in [("new-key",), ("old-key",), ("x", "new-key")]
    ]

    assert answers == [200, 200, 200]
    assert wire.count("east/keys") == 2


def test_forgeries_do_not_make_us_ask_for_keys_again_and_again(companies, place, knock, wire):
    companies(able=able(signed=True), east=28)
    wire.says("east/keys", (200, {"keys": ["a-key"]}))
    _, attempt = lost(place)

    for _ in range(5):
        knock(attempt, b"{}", **signed(b"{}", "not-theirs", at=timezone.now()))

    assert wire.count("east/keys") == 1


# Named jobs


def test_a_knock_names_the_job_of_a_lost_submission_and_the_provider_confirms_it(
    companies, place, knock, wire
):
    companies(able=able(recognise=True), east=28)
    order, attempt = lost(place)
    wire.says("east/recognise", (200, {"state": "working"}))

    knock(attempt, b'{"job": "job-77"}')
    look.run()

    attempt.refresh_from_db()
    assert (state_of(order), attempt.job_id) == (State.RUNNING, "job-77")
    assert wire.count("east/submit") == 0


@pytest.mark.parametrize("body", [b'{"job": "../../etc"}', b'{"job": 5}', b"not json", b"[]"])
def test_a_name_that_is_none_is_never_asked_about(companies, place, knock, wire, body):
    companies(able=able(recognise=True), east=28)
    order, attempt = lost(place)

    assert knock(attempt, body).status_code == 200
    look.run()

    assert wire.asked == []
    assert state_of(order) == State.UNKNOWN


def test_a_job_that_is_another_orders_is_not_taken(companies, place, knock, wire):
    companies(able=able(recognise=True), east=28)
    wire.says("east/submit", (200, {"job": "theirs"}))
    place()
    dispatch.run()
    order, attempt = lost(place)

    knock(attempt, b'{"job": "theirs"}')
    look.run()

    assert wire.count("east/recognise") == 0
    assert state_of(order) == State.UNKNOWN


def test_a_job_that_does_not_match_is_somebody_elses(companies, place, knock, wire):
    companies(able=able(recognise=True), east=28)
    order, attempt = lost(place)
    wire.says("east/recognise", (200, {"state": "missing"}))

    knock(attempt)
    look.run()

    assert state_of(order) == State.UNKNOWN


def test_a_knock_before_the_submit_is_answered_makes_it_due_as_soon_as_it_is(
    companies, place, knock, wire
):
    companies(east=28)
    [order] = place()
    [(claim, attempt)], _ = dispatch.hand_out(blocking=False, limit=1)

    knock(attempt)

    lifecycle.accepted(claim, attempt=attempt, answer=Accepted("j"))

    assert Generation.objects.get(pk=order.pk).due_at <= timezone.now()


# Too late


def given_up(place):
    order, attempt = lost(place)
    look.run(now=timezone.now() + HOUR + timedelta(minutes=2))
    assert state_of(order) == State.FAILED
    return order, attempt


def test_a_knock_after_it_was_given_up_is_looked_into_for_staff_and_changes_no_money(
    companies, place, knock, wire
):
    companies(able=able(recognise=True), east=28)
    order, attempt = given_up(place)
    wire.says("east/recognise", (200, DONE))

    knock(attempt, b'{"job": "job-9"}')
    assert late.run() == 1

    attempt.refresh_from_db()
    assert (attempt.state, attempt.job_id, attempt.result_url) == (
        "abandoned",
        "job-9",
        DONE["url"],
    )
    assert state_of(order) == State.FAILED
    types = list(order.events.order_by("id").values_list("type", flat=True))
    assert types[-2:] == ["attempt.late_knock", "attempt.late_result"]


def test_what_was_given_up_is_asked_about_again_three_times(companies, place, wire):
    companies(able=able(lookup=True), east=28)
    _, attempt = given_up(place)
    wire.asked.clear()
    wire.says("east/settle", (200, {"state": "missing"}))
    ended = Attempt.objects.get(pk=attempt.pk).finished_at

    for hours in (0.5, 1.1, 2, 6.1, 12, 24.1, 48, 100):
        late.run(now=ended + timedelta(hours=hours))

    assert wire.count("east/settle") == 3


def test_a_result_found_by_our_own_token_is_filed_once(companies, place, wire):
    companies(able=able(lookup=True), east=28)
    order, _ = given_up(place)
    wire.says("east/settle", (200, DONE))

    for _ in range(3):
        late.run(now=timezone.now() + timedelta(hours=200))

    assert order.events.filter(type="attempt.late_result").count() == 1
