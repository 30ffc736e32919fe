"""The wallet's page."""

from __future__ import annotations

import pytest

from billing import ledger, money
from tests.factories import a_workspace
from tests.site import lives
from tests.site.conftest import browser_of


def test_the_wallet_shows_the_balance_and_every_movement(browser, alice, audited):
    lives.delivered(lives.ordered(alice))
    lives.failed(lives.ordered(alice))
    order = lives.ordered(alice)
    page = browser.get("/wallet").content.decode()
    for words in ("$9.44", "Top-up", "+$10.00", "−$0.28", "$0.28 of it", "Returned"):
        assert words in page
    assert f'href="/clips/{order.public_id}"' in page


def test_the_movements_go_on_over_pages_without_gaps_or_repeats(browser, alice):
    for number in range(60):
        amount = (number + 1) * money.CENT
        ledger.deposit(wallet=alice.workspace.wallet, amount=amount, key=f"page:{number}")
    first = browser.get("/wallet").context
    second = browser.get("/wallet", {"before": first["more"]}).context
    third = browser.get("/wallet", {"before": second["more"]}).context
    seen = [t.position for page in (first, second, third) for t in page["transfers"]]
    assert seen == list(range(61, 0, -1))
    assert third["more"] is None


@pytest.mark.parametrize("before", ["x", "-1", "1e9", "９", "9" * 40, ""])
def test_a_page_that_makes_no_sense_is_the_first(browser, before):
    assert browser.get("/wallet", {"before": before}).context["first_page"] is True


def test_other_peoples_money_is_not_shown(strangers_browser, alice):
    lives.ordered(alice)
    assert "Set aside for <a" not in strangers_browser.get("/wallet").content.decode()


def test_the_demo_says_that_no_real_money_is_paid(browser, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_of_the_stand_in"

    assert "no real money" in browser.get("/wallet").content.decode()


def test_without_the_sandbox_the_page_says_who_can_deposit(browser, settings):
    settings.SANDBOX_PLAYS_ALL = False
    page = browser.get("/wallet").content.decode()
    assert "Cards are not set up here yet" in page


def test_a_new_wallet_is_empty_and_says_so(db):
    browser = browser_of(a_workspace().memberships.get())
    assert "Nothing has moved yet." in browser.get("/wallet").content.decode()
