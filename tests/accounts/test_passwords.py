"""Which passwords are taken."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from tests.factories import a_user
from tests.site.proving import PASSWORD, prove, signed_in, with_password

TRIED_FIRST = [
    "1234567890qwerty",  # as it stands in the list
    "password1234",
    "Password1234!",
    "P@ssw0rd2026",
    "!!sunshine!!1987",
    "pass-word-2026!",
    "passwordpassword",
    "abcabcabcabc",
    "aaaaaaaaaaaaaaaa",
    "qwertyuiop12",
    "1qaz2wsx3edc",
    "abcdef123456",
    "987654321098",
    "zxcvbnmlkjhgfdsa",
    "ｐａｓｓｗｏｒｄ１２３４",
]
GOOD = [
    "rain on a tin roof",
    "projector-amber-1",
    "correct horse battery",
    "eine nasse Brücke",
    "雨が屋根に落ちる音を聞く夜",
    "839201938475",
    "kf8#Qm2!vz0P",
    "the lamp burns, the lamp burns",
    "x" * 60 + "".join(chr(97 + one * 7 % 26) for one in range(68)),
]


@pytest.mark.parametrize("password", TRIED_FIRST)
def test_what_is_tried_first_is_refused(password):
    with pytest.raises(ValidationError, match="tried first"):
        validate_password(password)


@pytest.mark.parametrize("password", GOOD, ids=range(len(GOOD)))
def test_what_nobody_guesses_is_taken_whatever_it_is_made_of(password):
    validate_password(password)


@pytest.mark.parametrize("length", [12, 128])
def test_it_has_12_to_128_characters(length):
    validate_password(sentence(length))


@pytest.mark.parametrize(("length", "said"), [(11, "at least 12"), (129, "at most 128")])
def test_one_character_less_or_more_is_refused(length, said):
    with pytest.raises(ValidationError, match=said):
        validate_password(sentence(length))


def sentence(length: int) -> str:
    return ("rain on a tin roof, " * 7)[:length]


def test_ones_own_address_is_no_password():
    with pytest.raises(ValidationError, match="too similar"):
        validate_password("dora.lighthouse1", User(email="dora.lighthouse@example.org"))


def test_judging_the_longest_that_a_form_takes_is_quick():
    before = time.process_time()
    with pytest.raises(ValidationError):
        validate_password("1qaz" * 25_000)
    assert time.process_time() - before < 2


@pytest.fixture
def dora(db):
    return with_password(a_user("dora@example.org"))


@pytest.mark.parametrize("page", ["signup", "password/change"])
def test_every_page_that_takes_a_new_password_refuses_it(client, dora, page):
    browser = client if page == "signup" else prove(signed_in(dora))
    weak = "P@ssw0rd2026"
    form = {"email": "new@example.org", "oldpassword": PASSWORD, "password1": weak}

    answer = browser.post(f"/accounts/{page}/", {**form, "password2": weak})

    assert "tried first" in answer.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()
    dora.refresh_from_db()
    assert dora.check_password(PASSWORD)
