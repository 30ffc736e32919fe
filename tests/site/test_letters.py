"""Which letters people get, and how they stop one kind of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import letters, topics
from accounts.models import Letter
from generations.loops import notify
from tests.site import lives

#: Letters that nobody can switch off: somebody asked for them, or they are about the account.
ALWAYS = {"account_closed", "export_ready", "invitation", "security"}


def written(alice, template: str = "low_balance") -> None:
    told = {"workspace": "Alice’s", "available": "1.00", "threshold": "5.00"}
    letters.write(to=[alice.user.email], template=template, key="one", context=told)
    letters.send_due(now=timezone.now())


def address_in(letter) -> str:
    return letter.extra_headers["List-Unsubscribe"].strip("<>").replace("http://127.0.0.1:8000", "")


def test_every_letter_has_a_switch_or_is_known_to_have_none(browser):
    files = Path("templates/emails").glob("*.subject.txt")
    names = {file.name.removesuffix(".subject.txt") for file in files}
    assert {name for name in names if topics.of(name) is None} == ALWAYS

    page = browser.get("/account/letters").content.decode()
    for topic in topics.listed():
        assert topic.title in page


def test_what_is_switched_off_is_not_sent(browser, alice):
    wanted = [topic.name for topic in topics.listed() if topic.name != "clips_ready"]
    browser.post("/account/letters", {"topic": wanted})

    lives.delivered(lives.ordered(alice))
    lives.failed(lives.ordered(alice))
    notify.run()
    written(alice)

    assert sorted(letter.subject.partition(":")[0] for letter in mail.outbox) == [
        "Your clip could not be made",
        "Your wallet is running low",
    ]
    assert not Letter.objects.filter(sent_at=None).exists()


def test_a_letter_says_how_to_stop_its_kind(alice):
    written(alice)
    (letter,) = mail.outbox
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in letter.body
    assert stop in letter.alternatives[0][0]


def test_one_press_in_a_mail_program_stops_them(alice):
    written(alice)
    program = Client(enforce_csrf_checks=True)  # it has neither session nor token
    answer = program.post(address_in(mail.outbox[0]), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    alice.user.refresh_from_db()
    assert alice.user.muted_topics == ["low_balance"]


def test_opening_the_link_only_asks(alice, client):
    written(alice)
    page = client.get(address_in(mail.outbox[0])).content.decode()
    assert "Stop these letters?" in page
    alice.user.refresh_from_db()
    assert alice.user.muted_topics == []


@pytest.mark.parametrize("change", [lambda link: link[:-1], lambda link: link + "x"])
def test_a_forged_link_stops_nothing(alice, client, change):
    written(alice)
    assert client.post(change(address_in(mail.outbox[0]))).status_code == 404
    alice.user.refresh_from_db()
    assert alice.user.muted_topics == []


def test_a_letter_about_the_account_cannot_be_stopped(alice):
    letters.write(to=[alice.user.email], template="export_ready", key="one", context={"days": 7})
    letters.send_due(now=timezone.now())
    (letter,) = mail.outbox
    assert "List-Unsubscribe" not in letter.extra_headers
    assert not re.search("Stop them|No more letters", letter.body + letter.alternatives[0][0])
