"""Top-ups by themselves: charged once, within the wishes of who pays, and told when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import letters
from accounts.models import CustomerEvent, Letter, Role
from billing import ledger, tasks
from billing.models import Payer, TopUp, TopUpState
from billing.payments import automatic, events, sweep
from tests.api.tools import together
from tests.billing.payments.conftest import Shopper, post, told
from tests.factories import a_member, a_workspace

pytestmark = pytest.mark.slow

DOLLAR = 1_000_000
GOOD, DECLINED_LATER, ASKS = "4242424242424242", "4000000000000341", "4000002500003155"
BAD = {DECLINED_LATER: "Your card was declined.", ASKS: "requires authentication"}
MINUTE = timedelta(minutes=1)
ASKED = "/v1/payment_intents"


def with_a_card(house, number: str = GOOD, **wishes: Any) -> Shopper:
    """Somebody with five dollars who wants 25 more whenever less than 10 are left."""
    shopper = Shopper(house)
    top_up = shopper.wants("5", save_card="on")
    house.tell(f"sessions/{top_up.session}/pay", number=number)
    told(house)
    plain = {"auto": True, "threshold": 10, "amount": 25, "monthly_cap": 100} | wishes
    dollars = {name: n * DOLLAR if name != "auto" else n for name, n in plain.items()}
    Payer.objects.filter(workspace=shopper.workspace).update(**dollars)
    return shopper


def payer(shopper: Shopper) -> Payer:
    return Payer.objects.get(workspace=shopper.workspace)


def rested(shopper: Shopper) -> None:
    """The cool-down is over."""
    Payer.objects.filter(workspace=shopper.workspace).update(tried_at=None)


def charges(house) -> list[dict[str, Any]]:
    return [one for one in house.control("GET", "requests").json()["requests"] if _charges(one)]


def _charges(request: dict[str, Any]) -> bool:
    return request["method"] == "POST" and request["path"] == ASKED


def lose_answers(house, moment: str) -> None:
    """Stripe does not answer a charge and its two repetitions; `after`: the first one was made."""
    house.control("POST", "faults", effect="cut", moment=moment, times=1, path=ASKED)
    house.control("POST", "faults", effect="503", moment="before", times=2, path=ASKED)


def next_month(now: datetime) -> datetime:
    return (now.replace(day=1) + timedelta(days=32)).replace(day=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


# When it is charged


def test_a_low_balance_charges_the_saved_card_and_credits_once(house, now):
    shopper = with_a_card(house)

    assert automatic.run(now=now) == 1
    told(house)
    for event in house.events() * 2:
        post(event)
    events.process_due()

    top_up = TopUp.objects.get(automatic=True)
    assert (top_up.state, top_up.actor) == (TopUpState.PAID, "automatic top-up")
    assert shopper.balance == ("30.00", "0.00", "0.00")
    assert len(shopper.moves) == 2
    assert house.counters()["amount_received"] == 3000
    assert "by itself" in shopper.browser.get("/wallet").content.decode()


@pytest.mark.parametrize("change", [{"auto": False}, {"threshold": 5}, {"monthly_cap": 24}])
def test_nobody_is_charged_who_did_not_wish_it(house, now, change):
    with_a_card(house, **change)

    assert automatic.run(now=now) == 0
    assert charges(house) == []


def test_a_suspended_workspace_is_not_charged(house, now):
    shopper = with_a_card(house)
    shopper.workspace.suspended_at = now
    shopper.workspace.save()

    assert automatic.run(now=now) == 0
    assert charges(house) == []


def test_after_a_charge_it_rests(house, now):
    shopper = with_a_card(house, threshold=500)

    tried = [automatic.run(now=now + n * MINUTE) for n in (0, 1, 14, 16, 17)]

    assert tried == [1, 0, 0, 1, 0]
    assert shopper.balance == ("55.00", "0.00", "0.00")


def test_a_month_never_costs_more_than_its_cap(house, now):
    shopper = with_a_card(house, threshold=500, monthly_cap=60)

    tried = []
    for _ in range(4):
        tried.append(automatic.run(now=now))
        rested(shopper)

    assert tried == [1, 1, 0, 0]
    assert automatic.run(now=next_month(now)) == 1


def test_those_at_their_cap_do_not_keep_others_from_being_charged(house, now):
    capped = [a_workspace() for _ in range(60)]
    Payer.objects.bulk_create(
        Payer(workspace=one, auto=True, card="pm_x", customer=f"cus_{n}", monthly_cap=DOLLAR)
        for n, one in enumerate(capped)
    )
    shopper = with_a_card(house)

    assert automatic.run(now=now) == 1
    assert shopper.balance == ("30.00", "0.00", "0.00")


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_charge_once(house, now):
    shopper = with_a_card(house)

    tried = together([lambda: automatic.run(now=now)] * 8)

    assert sum(tried) == 1
    assert len(charges(house)) == 1
    assert shopper.balance == ("30.00", "0.00", "0.00")


def test_what_is_owed_is_paid_out_of_it(house, now):
    shopper = with_a_card(house)
    wallet = shopper.workspace.wallet
    ledger.hold(wallet=wallet, amount=5 * DOLLAR, reference="generation:a")
    house.tell(f"payments/{TopUp.objects.get().session}/refund")
    told(house)
    assert shopper.balance == ("0.00", "5.00", "5.00")

    automatic.run(now=now)

    assert shopper.balance == ("20.00", "5.00", "0.00")


# When it is declined


@pytest.mark.parametrize("number", BAD)
def test_a_decline_is_told_by_letter_and_nothing_is_credited(house, now, number):
    shopper = with_a_card(house, number)

    automatic.run(now=now)
    told(house)
    letters.send_due(now=now + MINUTE)

    top_up = TopUp.objects.get(automatic=True)
    assert top_up.state == TopUpState.FAILED
    assert BAD[number] in top_up.failure
    assert (payer(shopper).failures, payer(shopper).auto) == (1, True)
    assert shopper.balance == ("5.00", "0.00", "0.00")
    arrived, letter = mail.outbox
    assert arrived.subject == "5.00 USD arrived in your wallet"
    assert letter.to == [shopper.membership.user.email]
    assert BAD[number] in letter.body
    assert number[-4:] in letter.body


def test_after_three_declines_it_is_off_and_the_page_says_why(house, now):
    shopper = with_a_card(house, DECLINED_LATER)

    tried = []
    for _ in range(5):
        tried.append(automatic.run(now=now))
        rested(shopper)

    assert tried == [1, 1, 1, 0, 0]
    assert not payer(shopper).auto
    page = shopper.browser.get("/wallet").content.decode()
    assert "It was switched off. Declined 3 times: Your card was declined." in page
    told_of = Letter.objects.filter(template="auto_top_up_failed").order_by("pk")
    assert [letter.context["is_off"] for letter in told_of] == [False, False, True]
    assert len(charges(house)) == 3


def test_declines_count_only_in_a_row(house, now):
    shopper = with_a_card(house)
    Payer.objects.update(failures=2)

    automatic.run(now=now)

    assert (payer(shopper).failures, payer(shopper).auto) == (0, True)


def test_a_decline_that_only_an_event_tells_of_is_told_and_counted_too(house, now):
    shopper = with_a_card(house, DECLINED_LATER)
    lose_answers(house, "after")
    automatic.run(now=now)
    assert TopUp.objects.get(automatic=True).state == TopUpState.OPEN

    told(house)

    assert TopUp.objects.get(automatic=True).state == TopUpState.FAILED
    assert Letter.objects.filter(template="auto_top_up_failed").count() == 1
    assert payer(shopper).failures == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "last", ['SET "failures"', "INTO accounts_customerevent", 'INTO "accounts_letter"']
)
def test_who_dies_while_writing_a_decline_down_loses_no_letter(house, now, last):
    shopper = with_a_card(house, DECLINED_LATER)

    with dying_at(last), pytest.raises(SystemError):
        automatic.run(now=now)
    assert TopUp.objects.get(automatic=True).state == TopUpState.OPEN
    assert (payer(shopper).failures, failures_told()) == (0, (0, 0))

    sweep.open_top_ups(now=now + 2 * MINUTE)
    told(house)
    assert TopUp.objects.get(automatic=True).state == TopUpState.FAILED
    assert (payer(shopper).failures, failures_told()) == (1, (1, 1))
    assert len(charges(house)) == 1


@contextmanager
def dying_at(last: str) -> Iterator[None]:
    """The process is gone before this statement; what it had not committed never was."""

    def die(execute: Any, sql: str, *rest: Any) -> Any:
        if last in sql:
            raise SystemError("killed")
        return execute(sql, *rest)

    with connection.execute_wrapper(die):
        yield


def failures_told() -> tuple[int, int]:
    """By letter, and to programs."""
    events_told = CustomerEvent.objects.filter(type="wallet.auto_top_up_failed")
    return Letter.objects.filter(template="auto_top_up_failed").count(), events_told.count()


# When Stripe does not answer


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_stripe_did_not_answer_is_asked_again_with_the_same_key(house, now, moment):
    shopper = with_a_card(house)
    lose_answers(house, moment)

    automatic.run(now=now)
    assert TopUp.objects.get(automatic=True).state == TopUpState.OPEN
    rested(shopper)
    assert automatic.run(now=now) == 0, "one is open"
    assert sweep.open_top_ups(now=now + 2 * MINUTE) == 1
    told(house)

    assert len({one["key"] for one in charges(house)}) == 1
    assert house.counters()["amount_received"] == 3000
    assert shopper.balance == ("30.00", "0.00", "0.00")
    assert not Letter.objects.exclude(template="topped_up").exists()


def test_what_an_event_says_was_paid_ends_the_declines_in_a_row(house, now):
    shopper = with_a_card(house)
    Payer.objects.update(failures=2)
    lose_answers(house, "after")
    automatic.run(now=now)

    told(house)

    assert shopper.balance == ("30.00", "0.00", "0.00")
    assert payer(shopper).failures == 0


def test_another_card_meanwhile_does_not_make_a_paid_one_fail(house, now):
    shopper = with_a_card(house)
    lose_answers(house, "after")
    automatic.run(now=now)
    payer_now = payer(shopper)
    method = house.stripe.payment_methods.attach(
        "pm_card_mastercard", {"customer": payer_now.customer}
    )
    Payer.objects.update(card=method.id)

    sweep.open_top_ups(now=now + 2 * MINUTE)
    told(house)

    assert shopper.balance == ("30.00", "0.00", "0.00")
    assert house.counters()["amount_received"] == 3000
    assert not Letter.objects.exclude(template="topped_up").exists(), (
        "it was paid: nobody is told that it failed"
    )
    assert payer(shopper).failures == 0


# Who sets it


def test_a_card_removed_in_the_portal_switches_it_off(house, now):
    shopper = with_a_card(house)
    shopper.browser.post("/wallet/cards")

    house.stripe.payment_methods.detach(payer(shopper).card)
    told(house)

    assert (payer(shopper).auto, payer(shopper).card) == (False, "")
    assert "There is no saved card any more" in shopper.browser.get("/wallet").content.decode()
    assert automatic.run(now=now) == 0


WISH = {"auto": "on", "threshold": "10", "amount": "25", "monthly_cap": "100"}


def test_the_form_switches_it_on_again_after_it_was_off(house, now):
    shopper = with_a_card(house, auto=False)
    Payer.objects.update(failures=3, stopped="Declined 3 times", tried_at=now)

    answer = shopper.browser.post("/wallet/automatic", WISH)

    assert answer.status_code == 302
    found = payer(shopper)
    assert (found.auto, found.failures, found.stopped) == (True, 0, "")
    assert "on, with Visa •••• 4242" in shopper.browser.get("/wallet").content.decode()
    assert automatic.run(now=now) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"monthly_cap": "24"}, "must allow one top-up of 25.00 USD"),
        ({"amount": "4.99"}, "between 5.00 and 2000.00"),
        ({"amount": "2000.01", "monthly_cap": "9000"}, "between 5.00 and 2000.00"),
        ({"threshold": "0"}, "Say below what balance"),
        ({"amount": "0"}, "between 5.00 and 2000.00"),
        ({"threshold": "2001"}, "Say below what balance"),
        ({"amount": "25.001"}, "smaller than a cent"),
        ({"amount": ""}, "This field is required"),
        ({"threshold": "-1"}, "Write an amount"),
    ],
    ids=str,
)
def test_wishes_that_make_no_sense_are_refused_with_what_would(house, change, says):
    shopper = with_a_card(house, auto=False)

    answer = shopper.browser.post("/wallet/automatic", WISH | change)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not payer(shopper).auto


def test_without_a_saved_card_it_cannot_be_switched_on(house):
    shopper = Shopper(house)

    answer = shopper.browser.post("/wallet/automatic", WISH)

    assert answer.status_code == 422
    assert "There is no saved card" in answer.content.decode()


def test_a_member_cannot_switch_it_on(house):
    shopper = with_a_card(house, auto=False)
    browser = Client()
    browser.force_login(a_member(shopper.workspace, Role.MEMBER).user)

    assert browser.post("/wallet/automatic", WISH).status_code == 403
    assert not payer(shopper).auto


def test_the_worker_charges_and_in_its_next_round_writes(house):
    shopper = with_a_card(house, DECLINED_LATER)

    tasks.work()
    tasks.work()

    assert payer(shopper).failures == 1
    assert {(letter.subject, *letter.to) for letter in mail.outbox} == {
        ("5.00 USD arrived in your wallet", shopper.membership.user.email),
        ("Your automatic top-up failed", shopper.membership.user.email),
    }
