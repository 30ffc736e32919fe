"""Alice, Bob and Charlie sit at browsers."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Membership, Role
from tests.factories import a_member, a_user


def browser_of(member: Membership) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def browser(alice) -> Client:
    """Alice's: she owns the workspace and has ten dollars in it."""
    return browser_of(alice)


@pytest.fixture
def strangers_browser(charlie) -> Client:
    return browser_of(charlie)


@pytest.fixture
def clerks_browser(alice) -> Client:
    """Somebody with the billing role in Alice's workspace."""
    return browser_of(a_member(alice.workspace, Role.BILLING, a_user("clerk@example.org")))
