"""Whoever guesses gets little, learns nothing of who is here, and a letter opens once, for one."""

from __future__ import annotations

import math
import re
import time
from collections import Counter

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.api.tools import together
from tests.factories import a_user
from tests.site.test_entrance import PASSWORD, code_in, sign_up

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"
#: Of allauth: wrong passwords of one account, and of one address.
MOST_OF_ONE, WITHIN = 5, 300
MOST_FROM_ONE = 10
MANY = [60, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]


def somebody(email: str) -> User:
    user = a_user(email, password=PASSWORD)
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    return user


@pytest.fixture
def dora(db) -> User:
    return somebody("dora@example.org")


@pytest.fixture
def emil(db) -> User:
    return somebody("emil@example.org")


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def browser(number: int = 1) -> Client:
    return Client(REMOTE_ADDR=address(number))


def guess(email: str, password: str, *, at: int) -> str:
    """What came of it: `in`, `tried`, or `refused` without a look at the password."""
    answer = browser(at).post(LOGIN, {"login": email, "password": password})
    if answer.status_code == 302:
        return "in"
    assert answer.status_code in (200, 429)
    is_refused = answer.status_code == 429 or "Too many" in answer.content.decode()
    return "refused" if is_refused else "tried"


def link_in(letter) -> str:
    return re.search(r"http://testserver(/\S+)", letter.body)[1]


def shown(answer) -> str:
    """A page without what differs every time, and without what was typed."""
    page = re.sub(r'(csrf\w*"? value|nonce|csrf-token" content)="[^"]*"', "", answer.text)
    return re.sub(r"[\w.]+@example\.org|csrfmiddlewaretoken[^>]*", "", page)


# Guessing


@pytest.mark.slow
@pytest.mark.parametrize("count", MANY)
def test_of_many_passwords_of_one_account_few_are_tried_wherever_they_come_from(dora, count):
    began = time.monotonic()
    ends = Counter(guess(dora.email, f"wrong {n}", at=n) for n in range(count))

    spans = 1 + math.ceil((time.monotonic() - began) / WITHIN)
    assert ends["tried"] <= MOST_OF_ONE * spans
    assert ends["refused"] == count - ends["tried"]
    assert guess(dora.email, PASSWORD, at=count) == "refused"


@pytest.mark.slow
@pytest.mark.parametrize("count", MANY)
def test_one_password_for_many_accounts_is_tried_a_few_times_a_minute(dora, count):
    began = time.monotonic()
    ends = Counter(guess(f"person-{n}@example.org", PASSWORD, at=1) for n in range(count))

    minutes = 1 + math.ceil((time.monotonic() - began) / 60)
    assert ends["tried"] <= MOST_FROM_ONE * minutes
    assert ends["refused"] == count - ends["tried"]
    assert guess(dora.email, PASSWORD, at=2) == "in"


def test_guesses_at_the_same_moment_are_no_more(dora):
    ends = Counter(together([lambda n=n: guess(dora.email, f"wrong {n}", at=n) for n in range(40)]))

    assert ends["tried"] <= MOST_OF_ONE
    assert ends["in"] == 0


# Who is here


def test_a_wrong_login_reads_the_same_whether_there_is_such_an_account(dora):
    known, unknown = (
        browser(n).post(LOGIN, {"login": email, "password": "wrong"})
        for n, email in enumerate([dora.email, "nobody@example.org"])
    )

    assert known.status_code == unknown.status_code == 200
    assert shown(known) == shown(unknown)


def test_asking_for_a_new_password_reads_the_same_whether_there_is_such_an_account(dora):
    known, unknown = (
        browser(n).post(RESET, {"email": email}, follow=True)
        for n, email in enumerate([dora.email, "nobody@example.org"])
    )

    assert known.redirect_chain == unknown.redirect_chain
    assert shown(known) == shown(unknown)


def test_signing_up_reads_the_same_whether_there_is_such_an_account(dora):
    known, unknown = sign_up(browser(1), dora.email), sign_up(browser(2), "nobody@example.org")

    assert known.redirect_chain == unknown.redirect_chain
    assert shown(known) == shown(unknown)


# Letters


def test_a_link_for_a_new_password_opens_nobody_elses_account(dora, emil):
    browser().post(RESET, {"email": dora.email})
    browser().post(RESET, {"email": emil.email})
    links = [link_in(letter) for letter in mail.outbox]
    (hers, token), (his, _) = (re.search(r"/key/([^-]+)-(.+)/", link).groups() for link in links)

    answer = browser().get(links[0].replace(f"/{hers}-", f"/{his}-"), follow=True)

    assert "password1" not in answer.text
    emil.refresh_from_db()
    assert emil.check_password(PASSWORD)
    assert token not in answer.text


def test_a_link_for_a_new_password_is_used_once(dora):
    browser().post(RESET, {"email": dora.email})
    link, new = link_in(mail.outbox[0]), {"password1": "another rainy roof"}
    here = browser()
    page = here.get(link, follow=True)
    here.post(page.redirect_chain[-1][0], new | {"password2": new["password1"]})
    dora.refresh_from_db()
    assert dora.check_password("another rainy roof")

    assert "password1" not in browser().get(link, follow=True).text


@pytest.mark.parametrize("spoiled", ["", "-", "x", "-x", "0" * 200, "%00", "..%2f", "é"])
def test_a_link_that_is_not_whole_opens_nothing(dora, spoiled):
    browser().post(RESET, {"email": dora.email})
    link = link_in(mail.outbox[0])

    answer = browser().get(link.rstrip("/")[:-1] + spoiled + "/", follow=True)

    assert answer.status_code in (200, 404)
    assert "password1" not in answer.text


def test_a_code_of_one_browser_confirms_nothing_in_another(db):
    hers, his = browser(1), browser(2)
    sign_up(hers, "fay@example.org")
    sign_up(his, "gil@example.org")

    his.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])})

    assert his.get("/studio").status_code == 302
    assert not User.objects.filter(emailaddress__verified=True).exists()


def test_codes_of_a_letter_cannot_be_tried_en_masse(db):
    here = browser()
    sign_up(here)
    right = code_in(mail.outbox[0])

    for number in range(20):
        here.post("/accounts/confirm-email/", {"code": f"WRNG-{number:04}"})
    here.post("/accounts/confirm-email/", {"code": right})

    assert not User.objects.filter(emailaddress__verified=True).exists()


def test_one_address_opens_twenty_accounts_a_minute_and_no_more():
    began, answers = time.monotonic(), Counter()
    for number in range(25):
        wish = {"email": f"newcomer-{number}@example.org", "password1": PASSWORD}
        answers[Client().post("/accounts/signup/", wish).status_code] += 1

    minutes = math.ceil((time.monotonic() - began) / 60)
    assert User.objects.count() == answers[302] <= 20 * minutes
    assert answers[429] == 25 - answers[302]
