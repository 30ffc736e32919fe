"""Invited by letter: with and without an account, once, and nobody but whom it was sent to."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.audit import Actor
from accounts.models import Invitation, Letter, Membership, Role
from accounts.team import invitations
from config.logging import mask
from tests.site.conftest import browser_of
from tests.team.conftest import (
    PASSWORD,
    acts,
    invited,
    letters_to,
    link_to,
    said,
)

CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.MULTILINE)


def sent_long_ago(**ago: int) -> None:
    """As if the letters had been sent so long before."""
    before = timezone.now() - timedelta(**ago)
    Invitation.objects.update(sent_at=before, expires_at=before + invitations.OPEN_FOR)


# The way in


def test_somebody_without_an_account_signs_up_from_the_letter_and_is_in(owner, alice):
    link, visitor = invited(owner), Client()
    page = said(visitor.get(link))
    assert "alice@example.org" in page
    assert "as member" in page
    sign_up = re.search(r'href="(/accounts/signup/[^"]+)"', page)[1].replace("&amp;", "&")
    assert 'value="dora@example.org"' in said(visitor.get(sign_up))

    form = {"email": "dora@example.org", "password1": PASSWORD, "next": link}
    visitor.post(sign_up, form)
    code = CODE.search(mail.outbox[-1].body)[0]
    back = visitor.post("/accounts/confirm-email/", {"code": code, "next": link})
    assert back["Location"] == link
    arrived = visitor.post(link, follow=True)

    assert arrived.redirect_chain[-1][0] == "/studio"
    assert f"You are in “{alice.workspace.name}” now." in said(arrived).replace("&#39;", "'")
    assert "$10.00" in said(arrived), "they look at the team's wallet"
    place = Membership.objects.get(workspace=alice.workspace, user__email="dora@example.org")
    assert place.role == Role.MEMBER
    assert acts(alice.workspace) == ["invitation.sent", "invitation.accepted"]
    assert "dora@example.org is in" in letters_to("alice@example.org")[0]


def test_somebody_with_an_account_logs_in_and_accepts(owner, alice, dora):
    link, visitor = invited(owner, role="admin"), Client()
    log_in = re.search(r'href="(/accounts/login/[^"]+)"', said(visitor.get(link)))[1]

    back = visitor.post(log_in, {"login": dora.email, "password": PASSWORD, "next": link})
    assert back["Location"] == link
    visitor.post(link)

    assert Membership.objects.get(workspace=alice.workspace, user=dora).role == Role.ADMIN


def test_an_address_in_capitals_is_the_same_address(owner, alice, doras):
    link = invited(owner, email="dora@example.org")
    Invitation.objects.update(email="dora@example.org")
    assert doras.post(link)["Location"] == "/studio"
    answer = owner.post("/team", {"email": "DORA@Example.org", "role": "member"})
    assert "in this workspace already" in said(answer)


def test_nobody_but_whom_it_was_sent_to_comes_in(owner, alice, charlie):
    link, strangers_browser = invited(owner), browser_of(charlie)
    page = said(strangers_browser.get(link))
    assert "You are logged in as charlie@example.org" in page

    refused = said(strangers_browser.post(link, follow=True))

    assert "This invitation is for dora@example.org" in refused
    assert Membership.objects.filter(workspace=alice.workspace).count() == 1


def test_an_address_that_is_not_confirmed_is_not_enough(owner, alice, charlie):
    link = invited(owner)
    charlie.user.emailaddress_set.create(email="dora@example.org", verified=False)
    browser_of(charlie).post(link)
    assert not Membership.objects.filter(workspace=alice.workspace, user=charlie.user).exists()

    charlie.user.emailaddress_set.update(verified=True)
    browser_of(charlie).post(link)
    assert Membership.objects.filter(workspace=alice.workspace, user=charlie.user).exists()


def test_without_a_session_the_button_lets_nobody_in(owner, alice):
    assert Client().post(invited(owner)).status_code == 200
    assert Membership.objects.filter(workspace=alice.workspace).count() == 1


# Once, and not for ever


def test_a_link_lets_in_once(owner, alice, doras, dora):
    link = invited(owner)
    doras.post(link)
    assert doras.get(link)["Location"] == "/studio", "who is in is led there"

    owner.post(f"/team/members/{dora.public_id}/remove")

    assert doras.post(link).status_code == 410
    assert not Membership.objects.filter(workspace=alice.workspace, user=dora).exists()


def test_after_seven_days_it_is_too_old_and_can_be_sent_again(owner, alice, doras):
    first = invited(owner)
    sent_long_ago(days=7)
    assert doras.post(first).status_code == 410
    assert "too old: send it again" in said(owner.get("/team"))

    owner.post(f"/team/invitations/{Invitation.objects.get().public_id}/send")

    second = link_to("dora@example.org")
    assert second != first
    assert doras.get(first).status_code == 404
    assert doras.post(second)["Location"] == "/studio"


def test_who_was_invited_long_ago_can_be_invited_anew(owner, doras):
    first = invited(owner)
    sent_long_ago(days=8)
    second = invited(owner, role="billing")
    assert doras.get(first).status_code == 404
    doras.post(second)
    assert Membership.objects.get(user__email="dora@example.org", role=Role.BILLING)


def test_a_letter_is_sent_again_after_a_minute_and_not_before(owner):
    invited(owner)
    address = f"/team/invitations/{Invitation.objects.get().public_id}/send"
    assert "A letter went out a moment ago" in said(owner.post(address, follow=True))

    sent_long_ago(minutes=1)

    assert "Another letter is on its way" in said(owner.post(address, follow=True))
    assert len(letters_to("dora@example.org")) == 2


def test_a_withdrawn_invitation_opens_nothing_and_says_so(owner, alice, doras):
    link = invited(owner)
    one = Invitation.objects.get().public_id
    owner.post(f"/team/invitations/{one}/withdraw")

    answer = doras.post(link)

    assert answer.status_code == 410
    assert "This invitation was withdrawn." in said(answer)
    assert "was withdrawn" in letters_to("dora@example.org")[-1]
    owner.get("/team")  # and what was to be said is said
    assert "dora@example.org" not in said(owner.get("/team"))
    for act in ("send", "withdraw"):
        again = owner.post(f"/team/invitations/{one}/{act}", follow=True)
        assert "not pending any more" in said(again)


def test_a_link_that_leads_nowhere_says_what_to_do(client, db):
    answer = client.get("/invitations/nothing")
    assert answer.status_code == 404
    assert "ask for a new invitation" in said(answer)


@pytest.mark.parametrize("end", ["demoted", "removed"])
def test_an_invitation_is_void_when_its_sender_may_not_give_the_role_any_more(
    owner, adam, doras, end
):
    link = invited(browser_of(adam))
    if end == "demoted":
        owner.post(f"/team/members/{adam.user.public_id}/role", {"role": "member"})
    else:
        owner.post(f"/team/members/{adam.user.public_id}/remove")

    answer = doras.post(link)

    assert answer.status_code == 410
    assert "Whoever invited you cannot do so any more." in said(answer)
    sent_long_ago(minutes=1)
    owner.post(f"/team/invitations/{Invitation.objects.get().public_id}/send")
    assert doras.post(link_to("dora@example.org"))["Location"] == "/studio"


# Who may be invited, by whom


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "nobody", "role": "member"}, "Write an e-mail address"),
        ({"email": "", "role": "member"}, "Write the address"),
        ({"email": "dora@example.org", "role": "owner"}, "Select a valid choice"),
        ({"email": "dora@example.org"}, "This field is required"),
        ({"email": "alice@example.org", "role": "member"}, "in this workspace already"),
    ],
    ids=str,
)
def test_an_invitation_that_makes_no_sense_is_refused_at_its_field(owner, form, words):
    answer = owner.post("/team", form)
    assert answer.status_code == 422
    assert words in said(answer)
    assert f'value="{form["email"]}"' in said(answer) or not form["email"]
    assert not Invitation.objects.exists()


def test_the_second_half_of_a_double_click_sends_no_second_letter(owner):
    invited(owner)
    again = owner.post("/team", {"email": "dora@example.org", "role": "member"})
    assert "is invited already" in said(again)
    assert len(letters_to("dora@example.org")) == 1


def test_members_invite_nobody(bob):
    answer = browser_of(bob).post("/team", {"email": "dora@example.org", "role": "member"})
    assert answer.status_code == 403
    assert "invite-form" not in said(browser_of(bob).get("/team"))


def test_fifty_letters_a_day_are_enough(owner, alice):
    for number in range(invitations.MOST_A_DAY):
        owner.post("/team", {"email": f"{number}@example.org", "role": "member"})
    refused = owner.post("/team", {"email": "dora@example.org", "role": "member"})
    assert "Try again tomorrow" in said(refused)

    tomorrow, by = timezone.now() + timedelta(days=1), Actor("test")
    assert invitations.invite(
        me=alice, email="dora@example.org", role="member", by=by, now=tomorrow
    )


# What is kept


def test_the_token_stands_nowhere_in_the_database(owner):
    owner.post("/team", {"email": "dora@example.org", "role": "member"})
    before = everything_stored()
    token = link_to("dora@example.org").rpartition("/")[2]
    assert token not in before
    assert token not in everything_stored()
    assert Letter.objects.get(template="invitation").context.get("sealed") is None


def everything_stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT string_agg(l::text, ' ') FROM accounts_letter l) || "
            "(SELECT string_agg(i::text, ' ') FROM accounts_invitation i) || "
            "(SELECT string_agg(a::text, ' ') FROM accounts_auditentry a)"
        )
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("before", ["GET ", "GET /accounts/login/?next="])
def test_the_token_stands_in_no_log(owner, before):
    link = invited(owner)
    token = link.rpartition("/")[2]
    for line in (f"{before}{link} 200", f"{before}{link.replace('/', '%2F')} 200"):
        assert token not in mask(line)


def test_the_demo_leads_to_the_invitation_where_letters_are_files(owner, settings, tmp_path, doras):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    owner.post("/team", {"email": "dora@example.org", "role": "member"})
    letters_to("dora@example.org")

    link = re.search(r'href="(/invitations/[^"]+)"', said(owner.get("/team")))[1]

    assert doras.post(link)["Location"] == "/studio"
    settings.SANDBOX_PLAYS_ALL = False
    assert "/invitations/" not in said(owner.get("/team"))


def test_somebody_invited_to_two_of_their_addresses_is_in_once(owner, alice, dora, doras):
    dora.emailaddress_set.create(email="d@example.org", verified=True)
    first, second = invited(owner), invited(owner, email="d@example.org", role="admin")
    doras.post(first)
    assert doras.post(second)["Location"] == "/studio"
    assert Membership.objects.get(workspace=alice.workspace, user=dora).role == Role.MEMBER
