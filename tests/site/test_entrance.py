"""Signing up and in."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from accounts.models import User
from tests.factories import a_user

PASSWORD = "rain on a tin roof"


@pytest.fixture
def dora(db) -> User:
    user = a_user("dora@example.org", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def sign_up(client, email="dora@example.org", password=PASSWORD):
    return client.post("/accounts/signup/", {"email": email, "password1": password}, follow=True)


def code_in(letter) -> str:
    return re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", letter.body, re.MULTILINE)[0]


def test_signing_up_takes_an_address_a_password_and_the_code_from_the_letter(client, db):
    page = sign_up(client)
    assert "Enter the code" in page.content.decode()
    (letter,) = mail.outbox
    assert letter.to == ["dora@example.org"]
    assert "here is the code" in letter.body

    done = client.post("/accounts/confirm-email/", {"code": code_in(letter)}, follow=True)

    assert done.redirect_chain[-1][0] == "/studio"
    workspace = User.objects.get(email="dora@example.org").workspaces.get()
    assert workspace.wallet.available == 5_000_000  # the demo's credit
    assert "$5.00" in done.content.decode()


def test_a_wrong_code_is_refused_and_leaves_one_outside(client, db):
    sign_up(client)
    page = client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"})
    assert "field__error" in page.content.decode()
    assert client.get("/studio").status_code == 302


def test_a_short_password_is_refused_and_the_address_stays_typed(client, db):
    page = sign_up(client, password="short").content.decode()
    assert 'value="dora@example.org"' in page
    assert 'id="id_password1_error"' in page
    assert not User.objects.exists()


def test_signing_up_twice_tells_the_page_nothing_and_the_owner_everything(client, dora):
    page = sign_up(client)
    assert "Enter the code" in page.content.decode()
    assert mail.outbox[0].subject == "You have an account at Reelay already"


def test_the_demo_shows_the_code_where_letters_are_files(client, db, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    page = sign_up(client).content.decode()
    assert "This is a demo" in page
    code = re.search(r"Your code is <strong>([A-Z0-9-]+)</strong>", page)[1]

    done = client.post("/accounts/confirm-email/", {"code": code}, follow=True)
    assert done.redirect_chain[-1][0] == "/studio"


def test_the_demo_keeps_the_code_to_itself_as_soon_as_anything_is_real(
    client, db, settings, tmp_path
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    settings.SANDBOX_PLAYS_ALL = False
    assert "Your code is" not in sign_up(client).content.decode()


def test_logging_in_leads_to_where_one_wanted_to_go(client, dora):
    asked = client.get("/wallet", follow=True)
    assert "Log in" in asked.content.decode()
    where = asked.redirect_chain[-1][0]
    page = client.post(where, {"login": dora.email, "password": PASSWORD, "next": "/wallet"})
    assert page["Location"] == "/wallet"


def test_a_wrong_password_is_refused_and_the_address_stays_typed(client, dora):
    answer = client.post("/accounts/login/", {"login": dora.email, "password": "wrong"})
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert f'value="{dora.email}"' in page


def test_a_forgotten_password_is_set_anew_by_the_link_in_the_letter(client, dora):
    client.post("/accounts/password/reset/", {"email": dora.email})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    new = {"password1": "another rainy roof", "password2": "another rainy roof"}
    client.post(page.redirect_chain[-1][0], new)
    assert client.login(email=dora.email, password="another rainy roof")


def test_a_fragment_asked_for_without_a_session_sends_the_whole_page_to_the_login(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/clips/gen_1"}
    answer = client.get("/generations/gen_1/card", headers=headers)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/accounts/login/?next=/clips/gen_1"


def test_the_name_can_be_changed(browser, alice):
    browser.post("/account", {"name": "Alice Lumière"})
    alice.user.refresh_from_db()
    assert alice.user.name == "Alice Lumière"
    assert "Alice Lumière" in browser.get("/account").content.decode()
