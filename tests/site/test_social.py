"""Signing in with GitHub, played by a small server of our own: its real pages are not needed."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.core import mail
from django.utils import timezone

from accounts import letters
from accounts.models import User
from config import env, social
from tests.factories import a_user
from tests.site.proving import prove, signed_in, with_password

APP = {"client_id": "our-id", "secret": "our-secret"}


class GitHub(ThreadingHTTPServer):
    """Says of whoever comes: they are this person, with these addresses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.emails = [{"email": "dora@example.org", "verified": True, "primary": True}]
        self.profile = {"id": 4711, "login": "dora", "name": "Dora Lumière", "email": None}


class _Door(BaseHTTPRequestHandler):
    server: GitHub

    def do_GET(self) -> None:
        self._say(self.server.emails if self.path.endswith("/emails") else self.server.profile)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say({"access_token": "gho_x", "token_type": "bearer", "scope": "user:email"})

    def _say(self, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def github(settings, monkeypatch):
    server = GitHub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APP": APP, "SCOPE": ["user:email"]}}
    address = f"http://127.0.0.1:{server.server_port}"
    for name in ("access_token_url", "profile_url", "emails_url"):
        path = urlsplit(getattr(GitHubOAuth2Adapter, name)).path
        monkeypatch.setattr(GitHubOAuth2Adapter, name, f"{address}{path}")
    yield server
    server.shutdown()
    server.server_close()


def come_back(browser, process: str = "login"):
    """Press the button, and return as GitHub sends one back."""
    there = browser.post(f"/accounts/github/login/?process={process}")["Location"]
    assert there.startswith("https://github.com/login/oauth/authorize")
    (state,) = parse_qs(urlsplit(there).query)["state"]
    return browser.get(
        "/accounts/github/login/callback/", {"code": "c", "state": state}, follow=True
    )


def last_letter():
    letters.send_due(now=timezone.now())
    return mail.outbox[-1]


def test_what_is_not_configured_is_neither_offered_nor_there(client, db):
    page = client.get("/accounts/login/").content.decode()
    assert "GitHub" not in page
    assert "Google" not in page
    assert client.post("/accounts/github/login/").status_code == 404
    assert client.get("/accounts/google/login/callback/?code=x&state=y").status_code == 404


def test_what_is_configured_is_offered(client, db, github):
    for address in ("/accounts/login/", "/accounts/signup/"):
        page = client.get(address).content.decode()
        assert "GitHub" in page
        assert "Google" not in page


def test_somebody_new_gets_an_account_with_a_workspace(client, db, github):
    done = come_back(client)
    assert done.redirect_chain[-1][0] == "/studio"
    user = User.objects.get(email="dora@example.org")
    assert user.name == "Dora Lumière"
    assert user.workspaces.count() == 1
    assert not user.has_usable_password()


def test_an_address_that_github_does_not_vouch_for_is_confirmed_first(client, db, github):
    github.emails = [{"email": "dora@example.org", "verified": False, "primary": True}]
    page = come_back(client)
    assert "Enter the code" in page.content.decode()
    assert client.get("/studio").status_code == 302


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_here_is_never_opened_by_an_address_from_there(client, db, github, verified):
    github.emails = [{"email": "dora@example.org", "verified": verified, "primary": True}]
    mine = with_password(a_user("dora@example.org"))

    come_back(client)

    assert client.get("/studio").status_code == 302
    assert not SocialAccount.objects.exists()
    mine.refresh_from_db()
    assert mine.has_usable_password()


def test_one_connects_it_from_inside_after_proving_who_one_is(alice, github):
    with_password(alice.user)
    browser = prove(signed_in(alice.user))
    page = come_back(browser, "connect").content.decode()
    assert "dora" in page
    assert last_letter().subject == "GitHub was connected"

    account = SocialAccount.objects.get(user=alice.user)
    browser.post("/accounts/3rdparty/", {"account": account.pk})
    assert not SocialAccount.objects.exists()
    assert last_letter().subject == "GitHub was disconnected"


def test_a_session_alone_connects_nothing(alice, github):
    with_password(alice.user)
    come_back(signed_in(alice.user), "connect")
    assert not SocialAccount.objects.exists()


def test_half_of_a_pair_stops_the_start(monkeypatch):
    monkeypatch.setenv("GITHUB_CLIENT_ID", "x")
    with pytest.raises(env.WrongSetting, match="GITHUB_CLIENT_SECRET"):
        social.from_environment()
    monkeypatch.setenv("GITHUB_CLIENT_SECRET", "y")
    assert list(social.from_environment()) == ["github"]
    assert social.pages(social.from_environment()) == ["https://github.com"]
