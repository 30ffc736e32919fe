"""Alice's team: Bob is a member, Adam an admin; Dora is outside, with or without an account."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, Membership, Role, User
from billing import tasks
from tests.factories import a_member, a_user
from tests.site.conftest import browser_of

PASSWORD = "rain on a tin roof"
LINK = re.compile(r"/invitations/[A-Za-z0-9_-]+")


@pytest.fixture
def owner(alice) -> Client:
    """Alice's browser, a moment after she typed her password once more."""
    alice.user.set_password(PASSWORD)
    alice.user.save()
    confirmed(alice.user)
    browser = browser_of(alice)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


@pytest.fixture
def adam(alice) -> Membership:
    return a_member(alice.workspace, Role.ADMIN, a_user("adam@example.org"))


@pytest.fixture
def dora(db) -> User:
    """Somebody with an account and no place in Alice's workspace."""
    user = a_user("dora@example.org", password=PASSWORD)
    confirmed(user)
    return user


@pytest.fixture
def doras(dora) -> Client:
    browser = Client()
    browser.force_login(dora)
    return browser


def confirmed(user: User) -> None:
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)


def letters_to(address: str) -> list[str]:
    """Subject and text of every letter, once the worker has been round."""
    tasks.work()
    return [f"{one.subject}\n{one.body}" for one in mail.outbox if one.to == [address]]


def link_to(address: str) -> str:
    """Where the last invitation to this address leads."""
    return LINK.findall(letters_to(address)[-1])[-1]


def invited(browser: Client, email: str = "dora@example.org", role: str = "member") -> str:
    answer = browser.post("/team", {"email": email, "role": role})
    assert answer.status_code == 302, answer.content.decode()
    return link_to(email)


def said(response) -> str:
    """What the page that somebody is led to tells them."""
    return response.content.decode().replace("&#x27;", "'")


def acts(workspace) -> list[str]:
    """What the audit says was done, oldest first."""
    rows = AuditEntry.objects.filter(workspace=workspace).order_by("id")
    return list(rows.values_list("action", flat=True))
