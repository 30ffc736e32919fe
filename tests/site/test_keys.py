"""API keys on the site: made after asking for the password, shown once, revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import APIKey
from tests.site.conftest import browser_of
from tests.site.forms import typed

PASSWORD = "rain on a tin roof"
KEY = re.compile(r"rly_live_[0-9A-Za-z_]{60}")


@pytest.fixture
def sure(alice) -> Client:
    """Alice's browser, a moment after she typed her password once more."""
    alice.user.set_password(PASSWORD)
    alice.user.save()
    alice.user.emailaddress_set.create(email=alice.user.email, verified=True, primary=True)
    browser = browser_of(alice)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def new_key(browser: Client, **changes: str) -> dict[str, str]:
    page = browser.get("/keys").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    return {"name": "Render server", "once": once} | changes


def test_a_key_is_shown_once_and_opens(sure, alice):
    page = sure.post("/keys", new_key(sure)).content.decode()
    text = KEY.search(page)[0]
    assert keys.find(text, now=timezone.now()).workspace == alice.workspace
    assert not KEY.search(sure.get("/keys").content.decode())


def test_the_page_with_a_key_is_kept_by_no_cache(sure):
    assert "no-store" in sure.post("/keys", new_key(sure))["Cache-Control"]


def test_a_form_sent_twice_makes_one_key_and_does_not_show_it_again(sure):
    form = new_key(sure)
    sure.post("/keys", form)
    again = sure.post("/keys", form).content.decode()
    assert APIKey.objects.count() == 1
    assert not KEY.search(again)
    assert "made and shown a moment ago" in again


def test_making_a_key_asks_for_the_password_and_then_goes_on(alice):
    alice.user.set_password(PASSWORD)
    alice.user.save()
    browser = browser_of(alice)
    asked = browser.post("/keys", new_key(browser))
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not APIKey.objects.exists()

    made = browser.post(asked["Location"], {"password": PASSWORD, "next": "/keys"})
    assert KEY.search(made.content.decode())


def test_a_key_without_a_name_is_refused_at_the_field(sure):
    answer = sure.post("/keys", new_key(sure, name=" "))
    assert answer.status_code == 422
    assert "Give the key a name" in answer.content.decode()


def test_revoking_closes_the_key(sure):
    text = KEY.search(sure.post("/keys", new_key(sure)).content.decode())[0]
    page = sure.post(f"/keys/{APIKey.objects.get().public_id}/revoke", follow=True)
    assert "opens nothing any more" in page.content.decode()
    with pytest.raises(keys.KeyRefused, match="revoked"):
        keys.find(text, now=timezone.now())


def test_a_strangers_key_does_not_exist(strangers_browser, alice):
    key = keys.create(maker=alice, name="Mine").key
    assert strangers_browser.post(f"/keys/{key.public_id}/revoke").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def test_members_see_the_keys_but_neither_make_nor_revoke_them(bob, alice):
    key = keys.create(maker=alice, name="Alice's").key
    browser = browser_of(bob)
    page = browser.get("/keys")
    assert "Alice&#x27;s" in page.content.decode()
    assert "name" not in typed(page, "make")
    assert browser.post(f"/keys/{key.public_id}/revoke").status_code == 403
