"""How long somebody stays signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.site.proving import PASSWORD, signed_in, with_password

OPEN_PAGES = [{"HX-Request": "true"}, {"Accept": "text/event-stream"}]


@pytest.fixture
def dora(alice):
    return with_password(alice.user)


@pytest.fixture
def here(dora) -> Client:
    browser = signed_in(dora)
    assert browser.get("/studio").status_code == 200
    return browser


def later(browser: Client, **time: float) -> None:
    """So much time goes by: all moments in the session lie so much further back."""
    gone, session = timedelta(**time), browser.session
    for name in {"since", "moved", "seen"} & set(session.keys()):
        session[name] -= gone.total_seconds()
    end = datetime.fromisoformat(session["_session_expiry"]) - gone
    session["_session_expiry"] = end.isoformat()
    session.save()


def end() -> datetime:
    return Session.objects.get().expire_date


def is_in(browser: Client) -> bool:
    return browser.get("/studio").status_code == 200


def test_who_was_away_signs_in_again_and_lands_where_they_were(here, dora):
    later(here, hours=12, seconds=1)

    answer = here.get("/library?q=rain")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/accounts/login/?next=/library%3Fq%3Drain",
    )
    form = {"login": dora.email, "password": PASSWORD, "next": "/library?q=rain"}
    assert here.post(answer["Location"], form)["Location"] == "/library?q=rain"
    assert here.get("/library?q=rain").status_code == 200


def test_who_is_back_within_twelve_hours_stays_and_has_another_twelve(here):
    for _ in range(5):
        later(here, hours=11, minutes=59)
        assert is_in(here)


def test_who_comes_every_day_is_asked_again_after_two_weeks(here):
    for _ in range(14 * 3 - 1):
        later(here, hours=8)
        assert is_in(here)

    later(here, hours=8, seconds=1)

    assert not is_in(here)


def test_who_has_signed_in_again_has_two_weeks_again(here, dora):
    later(here, days=13, hours=23)
    here.post("/accounts/login/", {"login": dora.email, "password": PASSWORD})
    assert is_in(here)

    later(here, hours=11)

    assert is_in(here)


@pytest.mark.parametrize("headers", OPEN_PAGES, ids=["a part", "the news"])
@pytest.mark.parametrize("address", ["/studio", "/live", "/wallet"])
def test_a_page_that_was_left_open_is_nobody(here, headers, address):
    later(here, hours=6)
    before = end()

    here.get(address, headers=headers)

    assert end() == before
    assert is_in(here)
    assert end() > before


def test_looking_at_pages_writes_nothing_for_five_minutes(here):
    later(here, minutes=4)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert is_in(here)

    assert not [one["sql"] for one in asked if one["sql"].startswith(("UPDATE", "INSERT"))]
    assert end() < timezone.now() + timedelta(hours=11, minutes=57)


def test_what_else_is_written_into_a_session_does_not_move_its_end(here, alice):
    later(here, minutes=4)
    before = end()
    session = here.session
    session["workspace"] = str(alice.workspace_id)
    session.save()

    assert is_in(here)
    assert end() == before


def test_the_cookie_ends_with_the_session(dora):
    browser = signed_in(dora)
    browser.get("/studio")

    assert 0 <= 12 * 3600 - browser.cookies["sessionid"]["max-age"] <= 10


def test_the_operator_says_how_long(settings, here):
    settings.SESSION_COOKIE_AGE = 3600
    later(here, hours=2)
    assert is_in(here)

    later(here, hours=1, seconds=1)

    assert not is_in(here)
