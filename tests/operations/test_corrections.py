"""Staff correct a wallet: either way, with a reason, above the limit with a second person."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.utils import timezone

from accounts import proposals
from accounts.models import AuditEntry, Proposal, User
from accounts.proposals import NotPossible
from billing import ledger
from tests.operations.conftest import browser_of, in_role

pytestmark = pytest.mark.usefixtures("audited")


@pytest.fixture
def finance(db):
    return browser_of(in_role("finance"))


@pytest.fixture
def owner(db):
    return browser_of(in_role("owner"))


def page(alice) -> str:
    return f"/admin/billing/wallet/{alice.workspace.pk}/adjust/"


def adjust(browser, alice, way: str, amount: str, *, reason="Clip was black", key="") -> str:
    form = browser.get(page(alice)).content.decode()
    key = key or re.search(r'name="key" value="(\w+)"', form)[1]
    wish = {"way": way, "amount": amount, "reason": reason, "key": key}
    return said(browser.post(page(alice), wish))


def said(answer) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def decide(browser, decision="approve") -> str:
    proposal = Proposal.objects.latest("created_at")
    return said(
        browser.post(f"/admin/accounts/proposal/{proposal.pk}/decide", {"decision": decision})
    )


def available(alice) -> int:
    return ledger.balance(alice.workspace.wallet).available


def test_what_is_given_stands_in_the_books_with_who_and_why(finance, alice):
    assert "Gave 2.50 USD" in adjust(finance, alice, "give", "2.50")

    assert available(alice) == 12_500_000
    newest = ledger.history(workspace=alice.workspace)[0]
    assert (newest.kind, newest.actor, newest.description) == (
        "adjustment", "finance@staff.example", "Clip was black",
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="wallet.adjust")
    assert (entry.workspace, entry.data["amount"]) == (alice.workspace, 2_500_000)


def test_what_is_taken_is_never_more_than_there_is(finance, alice):
    assert "Took 4.00 USD" in adjust(finance, alice, "take", "4")
    assert "Only 6.00 USD are available" in adjust(finance, alice, "take", "6.01")

    assert available(alice) == 6_000_000


def test_a_double_click_adjusts_once(finance, alice):
    for _ in range(2):
        adjust(finance, alice, "give", "1", key="the-same")

    assert available(alice) == 11_000_000


@pytest.mark.parametrize("amount", ["", "0", "-1", "1e3", "12.3456789", "a lot", "9" * 30])
def test_nonsense_says_so_and_moves_nothing(finance, alice, amount):
    wish = {"way": "give", "amount": amount, "reason": "x", "key": "k"}

    assert finance.post(page(alice), wish).status_code == 200
    assert available(alice) == 10_000_000


@pytest.mark.parametrize("missing", ["way", "reason", "key"])
def test_without_any_part_of_it_nothing_is_moved(finance, alice, missing):
    wish = {"way": "give", "amount": "1", "reason": "x", "key": "k"}

    assert finance.post(page(alice), wish | {missing: ""}).status_code == 200
    assert available(alice) == 10_000_000


def test_what_is_not_there_is_not_even_proposed(finance, alice):
    assert "Only 10.00 USD are available" in adjust(finance, alice, "take", "60")

    assert not Proposal.objects.exists()


@pytest.mark.parametrize("way", ["give", "take"])
def test_above_the_limit_a_second_person_decides(finance, owner, alice, way):
    ledger.deposit(wallet=alice.workspace.wallet, amount=90_000_000, key="before")

    assert "second member of staff" in adjust(finance, alice, way, "50.01")
    assert "proposed already" in adjust(finance, alice, way, "50.01")
    assert "somebody else has to approve" in decide(finance)
    assert available(alice) == 100_000_000

    assert "50.01 USD" in decide(owner)
    assert "decided it meanwhile" in decide(owner)

    assert available(alice) == (150_010_000 if way == "give" else 49_990_000)


def test_fifty_dollars_exactly_need_nobody_else(finance, alice):
    assert "Gave 50.00 USD" in adjust(finance, alice, "give", "50")


def test_what_is_not_there_any_more_is_not_taken_and_the_proposal_stays_open(finance, owner, alice):
    wallet = alice.workspace.wallet
    ledger.deposit(wallet=wallet, amount=90_000_000, key="before")
    adjust(finance, alice, "take", "60")
    ledger.adjust(wallet=wallet, amount=-90_000_000, key="t", description="t", actor="t")

    assert "Nothing was taken" in decide(owner)

    assert Proposal.objects.get().state == "open"
    assert available(alice) == 10_000_000


def test_support_moves_no_money_and_approves_none(finance, alice):
    support = browser_of(in_role("support"))
    adjust(finance, alice, "give", "60")

    assert support.get(page(alice)).status_code == 403
    assert "it takes billing.change_wallet" in decide(support)
    assert available(alice) == 10_000_000


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_wins_and_the_other_is_told(finance, stella, alice):
    adjust(finance, alice, "give", "60")
    proposal = Proposal.objects.get()

    def at_once(_):
        try:
            one = Proposal.objects.get(pk=proposal.pk)
            by = User.objects.get(pk=stella.pk)
            return proposals.approve(proposal=one, by=by, now=timezone.now())
        except NotPossible:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(at_once, range(4)))

    assert sum(one is not None for one in outcomes) == 1
    assert available(alice) == 70_000_000
