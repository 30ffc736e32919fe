"""What an account is signed in to with: the second step, sessions, password, addresses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from accounts import letters
from accounts.models import User
from tests.site.proving import (
    PASSWORD,
    app_code,
    prove,
    recovery_codes,
    set_up_an_app,
    signed_in,
    with_password,
)

FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0"
TABLET = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18 Safari/604"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


@pytest.fixture
def dora(alice):
    return with_password(alice.user)


@pytest.fixture
def here(dora) -> Client:
    """Dora's browser, a moment after she typed her password once more."""
    return prove(signed_in(dora, user_agent=FIREFOX))


def letters_sent() -> list[EmailMultiAlternatives]:
    """What is owed is sent now."""
    letters.send_due(now=timezone.now())
    return mail.outbox


def second_step(browser: Client, code: str):
    return browser.post("/accounts/2fa/authenticate/", {"code": code})


def test_an_app_is_set_up_by_a_picture_that_a_strict_policy_allows(here):
    page = here.get("/accounts/2fa/totp/activate/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert "data:" in page["Content-Security-Policy"].partition("img-src")[2].partition(";")[0]

    set_up_an_app(here)

    assert "On since" in here.get("/accounts/2fa/").content.decode()


def test_with_an_app_the_password_alone_does_not_get_in(here, dora):
    secret = set_up_an_app(here)
    cache.clear()  # a code counts once, and this one was used to set it up

    stranger = signed_in(dora)
    assert stranger.get("/studio").status_code == 302
    assert second_step(stranger, "000000").status_code == 200
    assert stranger.get("/studio").status_code == 302

    second_step(stranger, app_code(secret))
    assert stranger.get("/studio").status_code == 200


def test_a_recovery_code_opens_once(here, dora):
    set_up_an_app(here)
    code, *others = recovery_codes(here)
    assert len(others) == 9

    for expected in (200, 302):
        browser = signed_in(dora)
        second_step(browser, code)
        assert browser.get("/studio").status_code == expected
    assert recovery_codes(here) == others


def test_recovery_codes_are_downloaded_and_made_anew(here):
    set_up_an_app(here)
    before = recovery_codes(here)
    file = here.get("/accounts/2fa/recovery-codes/download/")
    assert "attachment" in file["Content-Disposition"]
    assert all(code in file.content.decode() for code in before)

    here.post("/accounts/2fa/recovery-codes/generate/")

    assert not set(before) & set(recovery_codes(here))


def test_a_stolen_table_holds_no_secret(here):
    secret = set_up_an_app(here)
    codes = recovery_codes(here)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)


@pytest.mark.parametrize(
    "address",
    ["totp/activate/", "webauthn/add/", "recovery-codes/generate/"],
)
def test_a_session_alone_sets_up_no_way_in(dora, address):
    answer = signed_in(dora).get(f"/accounts/2fa/{address}")
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_a_session_alone_changes_no_address(dora):
    answer = signed_in(dora).post("/accounts/email/", {"action_add": "", "email": "x@example.org"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert dora.emailaddress_set.count() == 1


def test_every_change_of_a_way_in_is_told_by_a_letter_on_our_paper(
    here, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        set_up_an_app(here)
        here.post("/accounts/2fa/recovery-codes/generate/")
        here.post("/accounts/2fa/totp/deactivate/")

    assert {letter.subject for letter in letters_sent()} == {
        "An app was set up as your second step",
        "New recovery codes were made",
        "The app as your second step was switched off",
    }
    for letter in mail.outbox:
        assert "Firefox on a Mac" in letter.body
        assert "127.0.0.1" in letter.body
        (on_paper, kind) = letter.alternatives[0]
        assert kind == "text/html"
        assert "REELAY" in on_paper
        assert "Firefox on a Mac" in on_paper


def test_a_new_password_is_told_and_signs_out_everywhere(here, dora):
    other = signed_in(dora)
    words = {"oldpassword": PASSWORD, "password1": "another rainy roof"}
    here.post("/accounts/password/change/", words | {"password2": "another rainy roof"})

    assert letters_sent()[-1].subject == "Your password was changed"
    assert other.get("/studio").status_code == 302


def test_a_new_address_signs_out_the_others(here, dora):
    other = signed_in(dora)
    dora.emailaddress_set.create(email="dora@new.example", verified=True)
    here.post("/accounts/email/", {"action_primary": "", "email": "dora@new.example"})

    assert letters_sent()[-1].subject == "Your e-mail address was changed"
    assert other.get("/studio").status_code == 302
    assert here.get("/studio").status_code == 200


def test_sessions_are_listed_with_device_and_place_and_the_others_can_be_ended(here, dora):
    phone = signed_in(dora, user_agent=PHONE)
    assert phone.get("/studio").status_code == 200

    page = here.get("/accounts/sessions/").content.decode()
    for said in ("Firefox on a Mac", "Chrome on Android", "this machine", "127.0.0.1"):
        assert said in page

    here.post("/accounts/sessions/")
    assert phone.get("/studio").status_code == 302
    assert "Android" not in here.get("/accounts/sessions/").content.decode()


def test_a_sign_in_from_a_new_device_is_told_and_one_from_a_known_one_is_not(here, dora):
    User.objects.filter(pk=dora.pk).update(joined_at=timezone.now() - timedelta(days=3))
    signed_in(dora, user_agent=FIREFOX)
    assert letters_sent() == []

    signed_in(dora, user_agent=PHONE)
    (letter,) = letters_sent()
    assert letter.subject == "A sign-in from Chrome on Android"
    assert "from 127.0.0.1" in letter.body
    assert "/accounts/sessions/" in letter.body


def test_whoever_has_just_signed_up_is_not_told_where_they_are(dora):
    signed_in(dora, user_agent=PHONE)
    assert letters_sent() == []


def test_one_session_is_ended_and_the_others_stay(here, dora):
    phone, tablet = signed_in(dora, user_agent=PHONE), signed_in(dora, user_agent=TABLET)
    listed = here.get("/accounts/sessions/").content.decode()
    assert listed.index("Firefox on a Mac") < listed.index("Safari on iPad")
    (address,) = re.findall(
        r'action="([^"]+)"(?:(?!</form>).)*Chrome on Android', listed, re.DOTALL
    )

    answer = here.post(address, follow=True).content.decode()

    assert "Chrome on Android is signed out." in answer
    assert phone.get("/studio").status_code == 302
    assert tablet.get("/studio").status_code == here.get("/studio").status_code == 200


def test_neither_this_session_nor_those_of_others_are_ended_there(here, dora, charlie):
    strangers = signed_in(with_password(charlie.user), user_agent=PHONE)
    for session in UserSession.objects.all():
        assert here.post(f"/account/sessions/{session.pk}/end").status_code == 404
    assert here.get("/studio").status_code == strangers.get("/studio").status_code == 200


def test_a_session_is_written_down_as_seen_every_five_minutes(here):
    here.get("/studio")
    before = UserSession.objects.get().last_seen_at
    here.get("/studio")
    assert UserSession.objects.get().last_seen_at == before

    session = here.session
    session["seen"] -= 301
    session.save()
    here.get("/studio")
    assert UserSession.objects.get().last_seen_at > before


def test_guessing_the_second_step_is_slowed_down(here, dora):
    set_up_an_app(here)
    browser = signed_in(dora)
    for _ in range(7):
        page = second_step(browser, "000000").content.decode()
    assert re.search("Too many", page)


def test_passkeys_are_offered_where_one_logs_in(client, db):
    page = client.get("/accounts/login/").content.decode()
    assert 'id="passkey_login"' in page
    asked = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert asked.json()["request_options"]["publicKey"]["userVerification"] == "required"


def test_an_answer_of_no_passkey_gets_nobody_in(client, db):
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    for nonsense in ("", "{}", '{"id": "x", "response": {"userHandle": "eHg"}}', "[]", "null"):
        client.post("/accounts/2fa/webauthn/login/", {"credential": nonsense})
        assert client.get("/studio").status_code == 302
