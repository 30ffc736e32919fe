"""Paying money in by card: on Stripe's page, credited once, whatever is told and how often."""

from __future__ import annotations

import itertools
import random
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role
from billing.models import StripeEvent, TopUp, TopUpState
from billing.payments import events, sweep
from tests.billing.payments.conftest import (
    Shopper,
    deliver,
    post,
    signed,
    stripe_session,
    told,
)

CREDIT = [("deposit", "stripe", "available", "25.00")]


def test_somebody_pays_on_stripes_page_and_has_the_money(shopper, house):
    top_up = shopper.wants("25")
    assert shopper.balance == ("0.00", "0.00", "0.00")

    assert shopper.pays(top_up).status_code == 303
    back = shopper.browser.get(f"/wallet/top-ups/{top_up.public_id}?session_id=cs_whatever")

    assert "$25.00 are in your wallet" in back.content.decode(), "before any event came"
    assert shopper.moves == CREDIT
    told(house)
    assert shopper.moves == CREDIT
    top_up.refresh_from_db()
    assert (top_up.state, bool(top_up.receipt_url)) == (TopUpState.PAID, True)


def test_a_chip_is_an_amount_too(shopper):
    shopper.browser.post("/wallet/top-up", {"chip": "50", "amount": ""})

    assert TopUp.objects.get().amount == 50_000_000


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("4.99", "between 5.00 and 2000.00"),
        ("2000.01", "between 5.00 and 2000.00"),
        ("10.001", "smaller than a cent"),
        ("-10", "Write an amount"),
        ("1e2", "Write an amount"),
        ("10 EUR", "Write an amount"),
        ("٢٥", "Write an amount"),
        ("9" * 6, "between 5.00 and 2000.00"),
        ("9" * 18, "Write an amount"),
    ],
)
def test_an_amount_that_cannot_be_paid_is_refused_with_what_can(shopper, house, amount, says):
    answer = shopper.browser.post("/wallet/top-up", {"amount": amount})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not TopUp.objects.exists()
    assert house.counters()["charges_made"] == 0


def test_a_declined_card_leaves_the_page_open_and_another_one_pays(shopper, house):
    top_up = shopper.wants()
    assert shopper.pays(top_up, "4000000000000002").status_code != 303
    told(house)
    assert TopUp.objects.get().state == TopUpState.OPEN

    shopper.pays(top_up)
    told(house)

    assert shopper.moves == CREDIT


def test_a_page_that_is_left_expires_and_nothing_was_charged(shopper, house):
    top_up = shopper.wants()
    page = shopper.browser.get(f"/wallet/top-ups/{top_up.public_id}").content.decode()
    assert "Nothing was paid yet" in page

    house.tell(f"sessions/{top_up.session}/expire")
    told(house)

    top_up.refresh_from_db()
    assert top_up.state == TopUpState.EXPIRED
    assert shopper.moves == []


@pytest.mark.parametrize(
    ("outcome", "state", "moves"),
    [("succeeded", TopUpState.PAID, CREDIT), ("failed", TopUpState.FAILED, [])],
)
def test_a_payment_that_takes_days_counts_when_it_has_come(shopper, house, outcome, state, moves):
    top_up = shopper.wants()
    shopper.pays(top_up, method="bank")
    told(house)
    assert (TopUp.objects.get().state, shopper.moves) == (TopUpState.OPEN, [])

    house.tell(f"payments/{top_up.session}/finish", outcome=outcome)
    told(house)

    assert (TopUp.objects.get().state, shopper.moves) == (state, moves)


def test_events_in_any_order_and_any_number_credit_once(shopper, house):
    top_up = shopper.wants()
    shopper.pays(top_up)
    arrived = house.events() * 3
    random.Random(7).shuffle(arrived)

    for event in arrived:
        assert post(event).status_code == 200
        events.process_due()

    assert shopper.moves == CREDIT
    assert StripeEvent.objects.count() == len(house.events())
    assert not StripeEvent.objects.filter(state="received").exists()


def test_an_event_that_never_came_is_made_up_for_by_a_look(shopper):
    top_up = shopper.wants()
    shopper.pays(top_up)
    TopUp.objects.update(due_at=timezone.now())

    assert sweep.open_top_ups(now=timezone.now()) == 1

    assert shopper.moves == CREDIT


def test_all_events_that_never_came_are_fetched_within_the_hour(shopper, house):
    top_up = shopper.wants()
    shopper.pays(top_up)
    house.tell(f"payments/{top_up.session}/refund", amount=1000)

    assert sweep.missed_events(now=timezone.now()) > 0
    events.process_due()
    events.process_due()

    assert [move[:1] + move[3:] for move in shopper.moves] == [
        ("deposit", "25.00"),
        ("clawback", "10.00"),
    ]
    assert sweep.missed_events(now=timezone.now()) == 0


def test_stripe_in_trouble_is_asked_again_and_nothing_is_lost(shopper, house):
    top_up = shopper.wants()
    shopper.pays(top_up)
    for event in house.events():
        post(event)
    house.control("POST", "faults", effect="500", moment="before", times=50)
    events.process_due()
    assert shopper.moves == []
    assert StripeEvent.objects.filter(state="received").exists()

    house.control("DELETE", "faults")
    StripeEvent.objects.filter(state="received").update(due_at=timezone.now())
    events.process_due()

    assert shopper.moves == CREDIT


def test_where_stripe_does_not_answer_the_page_says_so_and_nothing_is_charged(shopper, house):
    house.control("POST", "faults", effect="503", moment="before", times=50)

    answer = shopper.browser.post("/wallet/top-up", {"amount": "25"})

    assert answer.status_code == 422
    assert "Try again soon" in answer.content.decode()
    assert house.counters()["charges_made"] == 0


def test_without_stripe_there_is_nothing_to_press(shopper, settings):
    settings.STRIPE_SECRET_KEY = ""

    page = shopper.browser.get("/wallet").content.decode()

    assert "Cards are not set up here" in page
    assert "Pay by card" not in page


@pytest.mark.parametrize("role", [Role.MEMBER])
def test_those_who_do_not_care_for_money_cannot_pay(house, role):
    somebody = Shopper(house, role)

    assert somebody.browser.post("/wallet/top-up", {"amount": "25"}).status_code == 403
    assert "Pay by card" not in somebody.browser.get("/wallet").content.decode()


def test_a_top_up_of_others_is_not_there(shopper, house):
    theirs = Shopper(house).wants()

    assert shopper.browser.get(f"/wallet/top-ups/{theirs.public_id}").status_code == 404


# What is not Stripe's


def an_event(house) -> dict:
    return next(event for event in house.events() if event["type"] == "checkout.session.completed")


@pytest.fixture
def event(shopper, house):
    """A true event that was not told yet, and that would bring money."""
    shopper.pays(shopper.wants())
    return an_event(house)


def altered(body: str, header: str) -> tuple[bytes | str, str]:
    return body.replace('"id"', '"iD"', 1), header


FORGERIES = {
    "no header": lambda body, header: (body, ""),
    "nonsense": lambda body, header: (body, "t=now,v1=yes"),
    "v0 only": lambda body, header: (body, header.replace("v1=", "v0=")),
    "one byte more": lambda body, header: (body + " ", header),
    "one byte other": altered,
    "no time": lambda body, header: (body, header.partition(",")[2]),
    "a huge header": lambda body, header: (body, header + ",v1=" + "0" * 10_000),
}


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forged_event_is_refused_and_nothing_is_filed(shopper, event, forge):
    body, header = FORGERIES[forge](*signed(event))
    accepted = forge == "a huge header"  # a wrong signature beside the right one does no harm

    answer = deliver(body, header)

    assert answer.status_code == (200 if accepted else 400)
    assert StripeEvent.objects.count() == accepted
    assert shopper.moves == []


@pytest.mark.parametrize("seconds", [-301, 75, 86_400])
def test_an_event_signed_too_long_ago_or_in_the_future_is_refused(shopper, event, seconds):
    assert post(event, at=time.time() + seconds).status_code == 400
    assert not StripeEvent.objects.exists()


def test_an_event_signed_with_another_secret_is_refused(event):
    assert post(event, secret="whsec_" + "x" * 32).status_code == 400


def test_without_a_secret_no_event_is_believed(event, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""

    assert post(event, secret="").status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"livemode": True},
        {"livemode": "yes"},
        {"account": "acct_1"},
        {"data": {}},
        {"data": "x"},
        {"id": 7},
        {"id": "e" * 300},
        {"type": "t" * 200},
        {"created": "now"},
        {"created": 10**30},
        {"object": "charge"},
    ],
    ids=str,
)
def test_what_is_signed_and_no_event_for_us_is_refused(event, change):
    assert post(event | change).status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "null", "{", "7", '"x"', '{"data":{"object":[]}}'])
def test_what_is_signed_and_no_json_object_is_refused(house, body):
    import stripe

    header = stripe.WebhookSignature.generate_signature_header(
        body, "whsec_0123456789abcdef0123456789abcdef", timestamp=int(time.time())
    )
    assert deliver(body, header).status_code == 400


def test_what_is_too_large_is_not_read(house):
    assert deliver("x" * (65 << 10), "t=1,v1=x").status_code == 413


def test_an_unknown_type_is_filed_and_changes_nothing(shopper, event):
    post(event | {"id": "evt_new", "type": "mandate.updated"})
    events.process_due()

    assert StripeEvent.objects.get().state == "ignored"
    assert shopper.moves == []


@pytest.mark.parametrize(
    "about",
    [
        {"site": "https://another.example", "top_up": None},
        {"top_up": "top_" + "0" * 32},
        {"top_up": "nonsense"},
    ],
    ids=str,
)
def test_a_payment_for_another_site_or_nothing_of_ours_is_refused(shopper, house, about):
    top_up = shopper.wants()
    ours = {"site": "http://127.0.0.1:8000", "top_up": top_up.public_id}
    metadata = {name: about.get(name) or ours[name] for name in ours}
    house.paid(2500, metadata=metadata, payment_intent_data={"metadata": metadata})

    told(house)

    assert shopper.moves == []
    assert StripeEvent.objects.filter(state="refused", type="payment_intent.succeeded").exists()


def test_somebody_who_pays_less_for_our_top_up_gets_nothing(shopper, house):
    top_up = shopper.wants("100")
    metadata = {"site": "http://127.0.0.1:8000", "top_up": top_up.public_id}
    house.paid(500, metadata=metadata, payment_intent_data={"metadata": metadata})

    told(house)

    assert shopper.moves == []


def test_a_payment_of_somebody_elses_shop_in_the_same_account_is_none_of_ours(shopper, house):
    house.paid(2500, metadata={"order": "7"})

    told(house)

    assert shopper.moves == []
    assert not StripeEvent.objects.filter(state="refused").exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_event_told_fifty_times_at_once_with_people_coming_back_credits_once(house):
    shopper = Shopper(house)
    top_up = shopper.wants()
    shopper.pays(top_up)
    found = [event for event in house.events() if "payment_intent.succ" in event["type"]]
    found.append(an_event(house))
    barrier = threading.Barrier(20)

    def tell(event):
        try:
            barrier.wait()
            post(event)
            events.process_due()
            shopper.browser.get(f"/wallet/top-ups/{top_up.public_id}?session_id=x")
        finally:
            connection.close()

    crowd = [
        threading.Thread(target=tell, args=(event,))
        for event in itertools.islice(itertools.cycle(found), 20)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    StripeEvent.objects.filter(state="received").update(due_at=timezone.now())
    events.process_due()

    assert shopper.moves == CREDIT
    assert stripe_session(top_up).id
