"""What every answer says to a browser, and what it never says."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.api.tools import API
from tests.site.proving import PASSWORD, signed_in, with_password
from tests.site.test_pages import INSIDE, OUTSIDE

SAID = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
STRANGER = {"Origin": "https://evil.example"}


@pytest.fixture
def alices(alice) -> Client:
    return signed_in(with_password(alice.user))


def test_every_page_says_what_a_browser_must_know(alices):
    for page in [*OUTSIDE, *INSIDE, "/api/v1/me", "/healthz"]:
        headers = alices.get(page, headers=STRANGER).headers
        assert {name: headers.get(name) for name in SAID} == SAID, page
        assert "Permissions-Policy" in headers, page
        assert not [name for name in headers if name.startswith("Access-Control-")], page


def test_what_somebody_sees_who_is_signed_in_is_kept_nowhere(alices):
    for page in [*INSIDE, "/", "/docs", "/nowhere", "/accounts/email/", "/live"]:
        assert "no-store" in alices.get(page).headers["Cache-Control"], page


def test_the_api_is_kept_nowhere_and_asks_no_browser(alice, alices):
    assert API(alice).get("/me")["Cache-Control"] == "no-store"
    assert alices.get("/api/v1/me").status_code == 401, "a session is no key"
    assert alices.post("/api/v1/generations", {}, "application/json").status_code == 401
    asked = {**STRANGER, "Access-Control-Request-Method": "POST"}
    assert "Access-Control-Allow-Origin" not in Client().options("/api/v1/me", headers=asked)


def test_scripts_come_from_us_in_files_and_from_nowhere_else(client, db):
    policy = dict(
        one.strip().partition(" ")[::2]
        for one in client.get("/").headers["Content-Security-Policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    for none in ("object-src", "base-uri", "frame-ancestors"):
        assert policy[none] == "'none'"
    assert "unsafe" not in str(policy)


def test_cookies_are_nobody_elses(alice):
    browser = Client()
    with_password(alice.user)
    browser.get("/accounts/login/")

    browser.post("/accounts/login/", {"login": alice.user.email, "password": PASSWORD})

    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = browser.cookies[name]
        assert (cookie["samesite"], cookie["httponly"], cookie["domain"]) == ("Lax", True, "")


def test_who_signs_in_has_another_session_than_before(alice):
    """A session that somebody else has put into a browser is not the one that is signed in."""
    browser = Client()
    with_password(alice.user)
    browser.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    session = browser.session
    session["planted"] = "by somebody else"
    session.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted = session.session_key

    browser.post("/accounts/login/", {"login": alice.user.email, "password": PASSWORD})

    assert browser.get("/studio").status_code == 200
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted
    theirs = Client()
    theirs.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert theirs.get("/studio").status_code == 302
