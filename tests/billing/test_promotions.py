"""Promotion codes: credit for whoever knows the word, once for each workspace, so often in all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Role
from billing import audit, ledger, promotions
from billing.models import PromotionCode, Redemption, TopUp, Transfer
from tests.api.tools import together
from tests.factories import a_member, a_workspace
from tests.site.conftest import browser_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_code(code: str = "WELCOME", **fields: object) -> PromotionCode:
    return PromotionCode.objects.create(code=code, **{"amount": 5_000_000, "most_uses": 3} | fields)


def redeem(workspace, code: str = "WELCOME", now: datetime = NOW) -> Transfer:
    return promotions.redeem(workspace=workspace, code=code, actor="alice@example.org", now=now)


def available(workspace) -> int:
    return ledger.balance(workspace.wallet).available


@pytest.fixture
def workspace(audited):
    return a_workspace()


@pytest.mark.parametrize("typed", ["WELCOME", "welcome", "  Welcome \t", "wElCoMe\n"])
def test_a_code_brings_its_credit_however_it_is_typed(workspace, typed):
    code = a_code()

    moved = redeem(workspace, typed)

    assert (moved.kind, moved.debit, moved.amount) == ("promotion", "promotion", 5_000_000)
    assert moved.actor == "alice@example.org"
    assert available(workspace) == 5_000_000
    code.refresh_from_db()
    assert (code.uses, promotions.describe(code)) == (1, "5.00 USD, used 1 of 3 times")


REFUSED = {
    "unknown": ({"code": "OTHER"}, "no such code"),
    "early": ({"starts_at": NOW + HOUR}, "no such code"),
    "inactive": ({"active": False}, "no such code"),
    "expired": ({"expires_at": NOW - HOUR}, "expired on 21 November 2026"),
    "expiring now": ({"expires_at": NOW}, "expired on 21 November 2026"),
    "used up": ({"uses": 3}, "has been used up"),
    "of no uses": ({"most_uses": 0}, "has been used up"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_code_that_does_not_hold_brings_nothing_and_says_why(db, why):
    fields, says = REFUSED[why]
    workspace, code = a_workspace(), a_code(**fields)

    with pytest.raises(promotions.CodeRefused, match=says):
        redeem(workspace)

    uses = code.uses
    code.refresh_from_db()
    assert (available(workspace), code.uses) == (0, uses)
    assert not Redemption.objects.exists()


@pytest.mark.parametrize("typed", ["", " ", "%", "WELCOME'--", "W" * 10_000, "ＷＥＬＣＯＭＥ"])
def test_what_is_not_the_word_is_no_code(workspace, typed):
    a_code()

    with pytest.raises(promotions.CodeRefused, match="no such code"):
        redeem(workspace, typed)


def test_a_code_holds_from_its_start_to_before_its_end(workspace):
    a_code(starts_at=NOW, expires_at=NOW + HOUR)

    with pytest.raises(promotions.CodeRefused):
        redeem(workspace, now=NOW - timedelta(seconds=1))
    redeem(workspace, now=NOW)

    assert available(workspace) == 5_000_000


def test_a_code_used_twice_here_brings_its_credit_once(workspace):
    code = a_code()
    redeem(workspace)

    with pytest.raises(promotions.CodeRefused, match="has used the code before"):
        redeem(workspace)

    code.refresh_from_db()
    assert (available(workspace), code.uses) == (5_000_000, 1)


def test_another_code_and_another_workspace_have_their_own(workspace):
    a_code()
    a_code("AGAIN")
    others = a_workspace()

    for one, code in [(workspace, "WELCOME"), (workspace, "AGAIN"), (others, "WELCOME")]:
        redeem(one, code)

    assert (available(workspace), available(others)) == (10_000_000, 5_000_000)


@pytest.mark.parametrize("state", ["open", "failed", "expired", "paid"])
def test_a_code_for_newcomers_is_for_those_who_have_not_paid(db, state):
    workspace = a_workspace()
    TopUp.objects.create(workspace=workspace, amount=10_000_000, state=state)
    a_code(only_new=True)

    if state == "paid":
        with pytest.raises(promotions.CodeRefused, match="have not topped up"):
            redeem(workspace)
    else:
        redeem(workspace)

    assert available(workspace) == (0 if state == "paid" else 5_000_000)


def test_credit_from_a_code_pays_no_debt(workspace):
    a_code()
    ledger.deposit(wallet=workspace.wallet, amount=1_000_000, key="a", reference="top-up:a")
    ledger.hold(wallet=workspace.wallet, amount=1_000_000, reference="generation:a")
    ledger.claw_back(
        wallet=workspace.wallet, amount=1_000_000, key="re_1", reference="top-up:a", description=""
    )

    redeem(workspace)

    balance = ledger.balance(workspace.wallet)
    assert (balance.available, balance.debt) == (5_000_000, 1_000_000)


@pytest.mark.django_db(transaction=True)
def test_forty_who_redeem_a_code_for_ten_at_once_are_ten():
    code = a_code(most_uses=10)
    crowd = [a_workspace() for _ in range(40)]

    ends = together([lambda one=one: outcome(one) for one in crowd])

    assert Counter(ends) == {"credit": 10, "The code has been used up.": 30}
    code.refresh_from_db()
    assert code.uses == code.redemptions.count() == 10
    assert sum(available(one) for one in crowd) == 50_000_000
    assert audit.own_faults() == []


@pytest.mark.django_db(transaction=True)
def test_twenty_of_one_workspace_who_redeem_at_once_have_it_once():
    code, workspace = a_code(most_uses=10), a_workspace()

    ends = together([lambda: outcome(workspace)] * 20)

    assert Counter(ends) == {"credit": 1, "This workspace has used the code before.": 19}
    code.refresh_from_db()
    assert (code.uses, available(workspace)) == (1, 5_000_000)
    assert audit.own_faults() == []


def outcome(workspace) -> str:
    try:
        redeem(workspace)
    except promotions.CodeRefused as why:
        return str(why)
    return "credit"


# On the page


@pytest.fixture
def cards(settings):
    settings.STRIPE_SECRET_KEY = "sk_test_x"


def test_the_form_in_the_wallet_brings_the_credit(cards, alice):
    a_code()
    browser = browser_of(alice)
    assert "Use a promotion code" in browser.get("/wallet").content.decode()

    page = browser.post("/wallet/code", {"code": " welcome "}, follow=True).content.decode()

    assert "5.00 USD are in your wallet" in page
    assert "Promotion code WELCOME" in page
    assert available(alice.workspace) == 15_000_000


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("nothing", "There is no such code"),
        ("", "This field is required"),
        ("x" * 41, "at most 40 characters"),
        ("a\0b", "Null characters"),
    ],
)
def test_the_form_says_why_a_code_is_refused_and_keeps_what_was_typed(cards, alice, typed, says):
    answer = browser_of(alice).post("/wallet/code", {"code": typed})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert available(alice.workspace) == 10_000_000


@pytest.mark.parametrize(("role", "status"), [(Role.MEMBER, 403), (Role.BILLING, 302)])
def test_only_those_who_care_for_money_use_codes(alice, role, status):
    a_code()

    answer = browser_of(a_member(alice.workspace, role)).post("/wallet/code", {"code": "WELCOME"})

    assert answer.status_code == status
