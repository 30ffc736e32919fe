"""What every answer says to a browser, and what it never says."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.api.tools import API
from tests.site import lives
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


MEDIA = "media.example"


@pytest.fixture
def media(settings) -> Client:
    """A browser at the host that files have for themselves."""
    settings.MEDIA_HOST, settings.MEDIA_SITE = MEDIA, f"https://{MEDIA}"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, MEDIA]
    return Client(HTTP_HOST=MEDIA)


def test_files_have_a_host_for_themselves_where_the_operator_gives_them_one(alice, media):
    clip = lives.delivered(lives.ordered(alice), b"a clip")
    link = API(alice).get(f"/generations/{clip.public_id}").json()["clip"]["url"]
    path = link.removeprefix(f"https://{MEDIA}")

    assert path.startswith("/files/")
    assert b"".join(media.get(path).streaming_content) == b"a clip"
    assert Client().get(f"{path}?download=1")["Location"] == f"{link}?download=1"


def test_at_the_host_of_files_there_is_nothing_else(alices, media):
    for page in [*OUTSIDE, *INSIDE, "/admin/", "/api/v1/me", "/static/css/site.css"]:
        answer = media.get(page)
        assert answer.status_code == 404, page
        assert not answer.cookies, page
    assert media.get("/healthz").status_code == 200
