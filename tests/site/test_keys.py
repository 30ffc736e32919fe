"""API keys on the site: made after asking for the password, shown once, revoked."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import keys, letters
from accounts.models import APIKey, AuditEntry, Role
from billing.models import SpendLimit
from tests.factories import a_member
from tests.site.conftest import browser_of
from tests.site.forms import typed
from tests.site.proving import set_up_an_app

OVERLAP = timedelta(days=1)
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


def new_key(browser: Client, **changes: object) -> dict[str, object]:
    page = browser.get("/keys").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    return {"name": "Render server", "once": once} | changes


def test_a_key_is_shown_once_and_opens(sure, alice):
    page = sure.post("/keys", new_key(sure)).content.decode()
    text = KEY.search(page)[0]
    assert keys.find(text, now=timezone.now()).workspace == alice.workspace
    assert not KEY.search(sure.get("/keys").content.decode())


def test_whom_a_key_acts_for_gets_a_letter_about_it_without_its_text(sure, alice):
    page = sure.post("/keys", new_key(sure)).content.decode()
    letters.send_due(now=timezone.now())
    key = APIKey.objects.get()
    sure.post(f"/keys/{key.public_id}/rotate", rotation(sure, key))
    letters.send_due(now=timezone.now())

    made, rotated = mail.outbox
    assert made.to == rotated.to == [alice.user.email]
    assert made.subject == "A new API key: Render server"
    assert rotated.subject == "Your API key Render server has a new text"
    assert "from 127.0.0.1" in made.body
    assert "read, generate" in made.body
    assert KEY.search(page)[0] not in made.body + str(made.alternatives)


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


# What a key is made with


def test_what_is_chosen_is_what_the_key_gets(sure, alice):
    wish = {"scopes": ["read"], "expires": "30", "month": "5", "addresses": "10.0.0.0/8, ::1"}

    page = sure.post("/keys", new_key(sure, **wish)).content.decode()

    key = APIKey.objects.get()
    assert key.scopes == ["read"]
    assert key.allowed_addresses == ["10.0.0.0/8", "::1/128"]
    assert (key.expires_at - timezone.now()).days in (29, 30)
    limit = SpendLimit.objects.get(workspace=alice.workspace)
    assert (limit.subject, limit.window, limit.amount) == (
        f"key:{key.public_id}",
        "month",
        5 * 10**6,
    )
    assert "10.0.0.0/8, ::1/128" in page
    assert "5.00 a month" in page


def test_a_key_reads_and_orders_unless_something_else_is_chosen(sure):
    page = sure.get("/keys")
    assert typed(page, "make")["expires"] == ""
    sure.post("/keys", new_key(sure))
    assert APIKey.objects.get().scopes == ["read", "generate"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"addresses": "here"}, "is no address"),
        ({"addresses": "10.0.0.1/8"}, "is no address"),
        ({"month": "1.001"}, "nothing smaller than a cent"),
        ({"expires": "7"}, "Select a valid choice"),
        ({"scopes": ["everything"]}, "Select a valid choice"),
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_refused_at_its_field(sure, change, said):
    answer = sure.post("/keys", new_key(sure, **change))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not APIKey.objects.exists()


def test_the_list_says_when_and_from_where_a_key_was_used(sure, alice):
    text = keys.create(maker=alice, name="CI").text
    used = keys.find(text, now=timezone.now(), address="203.0.113.7")
    keys.note_use(used, now=timezone.now(), address="203.0.113.7")
    assert "from 203.0.113.7" in sure.get("/keys").content.decode()


# Rotating


def rotation(browser: Client, key: APIKey) -> dict[str, str]:
    page = browser.get("/keys").content.decode()
    form = page[page.index(f"/keys/{key.public_id}/rotate") :]
    return {"once": re.search(r'name="once" value="([^"]+)"', form)[1]}


def test_rotating_shows_another_text_once_and_the_old_one_opens_for_a_day(sure, alice):
    old = keys.create(maker=alice, name="CI")
    form = rotation(sure, old.key)

    page = sure.post(f"/keys/{old.key.public_id}/rotate", form).content.decode()
    again = sure.post(f"/keys/{old.key.public_id}/rotate", form).content.decode()

    new = KEY.search(page)[0]
    assert not KEY.search(again)
    for text in (old.text, new):
        assert keys.find(text, now=timezone.now()) == old.key
    with pytest.raises(keys.KeyRefused, match="rotated out"):
        keys.find(old.text, now=timezone.now() + OVERLAP)
    assert keys.find(new, now=timezone.now() + OVERLAP)


def test_rotating_asks_for_the_password(alice):
    alice.user.set_password(PASSWORD)
    alice.user.save()
    old, browser = keys.create(maker=alice, name="CI"), browser_of(alice)
    answer = browser.post(f"/keys/{old.key.public_id}/rotate", rotation(browser, old.key))
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_nobody_gets_a_new_text_for_somebody_elses_key(sure, alice, charlie):
    admin = a_member(alice.workspace, Role.ADMIN)
    theirs = keys.create(maker=admin, name="Theirs").key
    strangers = keys.create(maker=charlie, name="Stranger's").key
    once = {"once": uuid.uuid4()}

    assert sure.post(f"/keys/{theirs.public_id}/rotate", once).status_code == 403
    assert sure.post(f"/keys/{strangers.public_id}/rotate", once).status_code == 404
    assert f"/keys/{theirs.public_id}/rotate" not in sure.get("/keys").content.decode()
    assert not APIKey.objects.exclude(previous_lookup=None).exists()


def test_a_revoked_key_gets_no_new_text(sure, alice):
    old = keys.create(maker=alice, name="CI").key
    form = rotation(sure, old)
    keys.revoke(key=old, now=timezone.now())
    page = sure.post(f"/keys/{old.public_id}/rotate", form, follow=True).content.decode()
    assert "is revoked" in page
    assert not KEY.search(page)


# Who did it


def test_what_people_do_with_keys_stands_in_the_audit(sure, alice):
    sure.post("/keys", new_key(sure))
    key = APIKey.objects.get()
    sure.post(f"/keys/{key.public_id}/rotate", rotation(sure, key))
    sure.post(f"/keys/{key.public_id}/revoke")

    entries = AuditEntry.objects.filter(subject=key.public_id).order_by("id")

    assert [one.action.partition(".")[2] for one in entries] == ["created", "rotated", "revoked"]
    assert {(one.actor, one.address) for one in entries} == {(alice.user.public_id, "127.0.0.1")}


def test_the_page_of_keys_holds_no_script_or_style_of_its_own(sure, alice):
    keys.create(maker=alice, name="CI")
    page = sure.get("/keys").content.decode()
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)


# A second factor before the first key


@pytest.fixture
def where_clips_are_real(settings):
    settings.KEYS_NEED_MFA = True


@pytest.mark.usefixtures("where_clips_are_real")
def test_who_wants_a_key_is_led_to_a_second_factor_and_back(sure):
    page = sure.get("/keys").content.decode()
    assert "needs more than a password" in page
    assert 'href="/accounts/2fa/"' in page
    assert 'name="name"' not in page
    assert "Go on to the API keys" not in sure.get("/accounts/2fa/").content.decode()

    set_up_an_app(sure)

    for address in ("/accounts/2fa/recovery-codes/", "/accounts/2fa/"):
        assert 'href="/keys">Go on to the API keys' in sure.get(address).content.decode()
    form = new_key(sure)
    assert KEY.search(sure.post("/keys", form).content.decode())
    assert "Go on to the API keys" not in sure.get("/accounts/2fa/").content.decode()


@pytest.mark.usefixtures("where_clips_are_real")
def test_a_form_sent_without_a_second_factor_makes_no_key(sure):
    answer = sure.post("/keys", {"name": "Render server", "once": str(uuid.uuid4())})

    assert answer.status_code == 403
    assert "Set up a second factor" in answer.content.decode()
    assert not APIKey.objects.exists()


@pytest.mark.usefixtures("where_clips_are_real")
def test_keys_that_are_there_are_rotated_and_revoked_without_a_second_factor(sure, alice):
    key = keys.create(maker=alice, name="Mine").key

    rotated = sure.post(f"/keys/{key.public_id}/rotate", {"once": str(uuid.uuid4())})
    assert KEY.search(rotated.content.decode())
    sure.post(f"/keys/{key.public_id}/revoke")
    assert APIKey.objects.get().revoked_at


@pytest.mark.usefixtures("where_clips_are_real")
def test_members_who_make_no_keys_are_not_told_of_second_factors(bob):
    assert "second factor" not in browser_of(bob).get("/keys").content.decode()


def test_in_the_sandbox_a_key_takes_a_minute(sure):
    assert "second factor" not in sure.get("/keys").content.decode()
