"""Something to try with: once for each mailbox, a few times for a domain."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from billing import bonus, ledger
from tests.factories import a_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_earnest(settings):
    settings.SANDBOX_PLAYS_ALL = False
    settings.SIGN_UP_BONUS = 2_000_000


def given(*emails: str) -> list[bool]:
    return [bonus.give(workspace=a_workspace(), email=email) for email in emails]


def test_it_is_in_the_wallet():
    workspace = a_workspace()

    assert bonus.give(workspace=workspace, email="ann@example.org")

    assert ledger.balance(workspace.wallet).available == 2_000_000


def test_by_default_there_is_none(settings):
    settings.SIGN_UP_BONUS = 0

    assert given("ann@example.org") == [False]


def test_one_mailbox_gets_it_once_however_it_is_written():
    names = ["ann.lee@gmail.com", "annlee@gmail.com", "Ann.Lee+two@googlemail.com"]

    assert given(*names) == [True, False, False]


def test_a_domain_gets_it_three_times_and_a_large_mail_house_as_often_as_people_come():
    assert given(*(f"p{n}@farm.example" for n in range(5))) == [True] * 3 + [False] * 2
    assert all(given(*(f"p{n}@outlook.com" for n in range(5))))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_three_of_a_domain_get_it():
    workspaces = [a_workspace() for _ in range(8)]
    found: list[bool] = []

    def ask(number: int) -> None:
        try:
            email = f"p{number}@farm.example"
            found.append(bonus.give(workspace=workspaces[number], email=email))
        finally:
            connection.close()

    crowd = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert sorted(found) == [False] * 5 + [True] * 3
