"""A customer pays on the hosted page, and the shop hears of it."""

from __future__ import annotations

import pytest
import stripe

from tests.billing.sandbox.house import SHOP, text_of


def test_paying_leads_back_to_the_shop_and_tells_it_in_stripes_order(house, shop):
    customer = house.customer()
    session = house.session(
        2500, customer=customer.id, payment_intent_data={"metadata": {"topup_id": "top_1"}}
    )
    assert session.status == "open"
    assert session.payment_status == "unpaid"
    assert session.payment_intent is None

    answer = house.pay(session)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{SHOP}/paid?session={session.id}"
    after = house.stripe.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]}
    )
    assert (after.status, after.payment_status, after.amount_total) == ("complete", "paid", 2500)
    assert after.metadata["topup_id"] == "top_1"
    assert after.line_items.data[0].description == "Wallet top-up"
    intent = after.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    assert intent.metadata["topup_id"] == "top_1"
    charge = intent.latest_charge
    assert charge.payment_method_details.card.last4 == "4242"
    assert charge.payment_method_details.card.brand == "visa"
    assert charge.balance_transaction.net == 2500 - (73 + 30)
    assert house.types() == [
        "customer.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    shop.wait_for(5)
    assert sorted(shop.types()) == sorted(house.types())


def test_the_event_carries_the_whole_session(house, shop):
    session = house.paid()

    shop.wait_for(4)
    event = next(
        call.event() for call in shop.calls if "checkout.session.completed" in call.payload
    )

    told = event["data"]["object"]
    assert told.id == session.id
    assert told.payment_status == "paid"
    assert told.amount_total == 2500
    assert told.customer_details.email == "alice@example.org"
    assert event["livemode"] is False
    assert event["request"]["id"] is None
    assert house.stripe.events.retrieve(event["id"]).type == "checkout.session.completed"


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
    ],
)
def test_a_declined_card_leaves_the_session_open_for_another(house, number, code, decline_code):
    session = house.session()

    answer = house.pay(session, number)

    assert answer.status_code == 402
    assert "Your card" in text_of(answer)
    open_session = house.stripe.checkout.sessions.retrieve(session.id)
    assert open_session.status == "open"
    intent = house.stripe.payment_intents.retrieve(open_session.payment_intent)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == code
    assert intent.last_payment_error.decline_code == decline_code
    assert house.types() == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]

    assert house.pay(session).status_code == 303
    charges = house.stripe.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_paying_twice_charges_once(house):
    session = house.session()

    answers = [house.pay(session) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert house.counters()["charges_made"] == 1
    assert "Already paid" in house.browser.get(f"/c/pay/{session.id}").text


def test_a_card_that_needs_confirmation_asks_first(house):
    session = house.session()

    asked = house.pay(session, "4000002500003155")

    assert asked.status_code == 303
    page = house.browser.get(asked.headers["Location"])
    assert "Is this you?" in page.text
    intent = house.stripe.checkout.sessions.retrieve(session.id).payment_intent
    assert house.stripe.payment_intents.retrieve(intent).status == "requires_action"
    done = house.browser.post(asked.headers["Location"], data={"answer": "yes"})
    assert done.headers["Location"] == f"{SHOP}/paid?session={session.id}"
    assert house.stripe.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_saying_no_to_the_bank_leads_back_to_the_page_which_says_why(house):
    session = house.session()
    asked = house.pay(session, "4000002500003155")

    refused = house.browser.post(asked.headers["Location"], data={"answer": "no"})

    assert refused.headers["Location"] == f"/c/pay/{session.id}"
    assert "unable to authenticate" in house.browser.get(refused.headers["Location"]).text
    assert house.types()[-1] == "payment_intent.payment_failed"
    assert house.counters()["charges_made"] == 0


@pytest.mark.parametrize(
    ("outcome", "payment_status", "told"),
    [
        (
            "succeeded",
            "paid",
            [
                "charge.succeeded",
                "payment_intent.succeeded",
                "checkout.session.async_payment_succeeded",
            ],
        ),
        (
            "failed",
            "unpaid",
            [
                "charge.failed",
                "payment_intent.payment_failed",
                "checkout.session.async_payment_failed",
            ],
        ),
    ],
)
def test_a_bank_debit_completes_unpaid_and_is_decided_later(house, outcome, payment_status, told):
    session = house.session()

    assert house.pay(session, method="bank").status_code == 303

    waiting = house.stripe.checkout.sessions.retrieve(session.id)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert house.types()[-2:] == ["payment_intent.processing", "checkout.session.completed"]
    before = len(house.events())
    house.tell(f"payments/{session.id}/finish", outcome=outcome)
    assert house.types(after=before) == told
    ended = house.stripe.checkout.sessions.retrieve(session.id)
    assert (ended.status, ended.payment_status) == ("complete", payment_status)


def test_a_session_expires_when_asked_and_when_its_time_is_over(house):
    asked = house.session()
    forgotten = house.session()

    house.stripe.checkout.sessions.expire(asked.id)
    moved = house.tell("clock", move=25 * 3600)

    assert moved["expired"] == 1
    for session in (asked, forgotten):
        assert house.stripe.checkout.sessions.retrieve(session.id).status == "expired"
        assert house.browser.get(f"/c/pay/{session.id}").status_code == 410
        assert "Too late" in text_of(house.pay(session))
    assert house.types() == ["checkout.session.expired"] * 2
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        house.stripe.checkout.sessions.expire(asked.id)


def test_lists_of_sessions_are_filtered(house):
    customer = house.customer()
    first = house.session(customer=customer.id)
    house.session()
    house.pay(first)

    found = house.stripe.checkout.sessions.list({"customer": customer.id, "status": "complete"})

    assert [one.id for one in found.data] == [first.id]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"success_url": "nowhere"}, "success_url"),
        ({"line_items": []}, "line_items"),
        ({"expires_at": 1}, "expires_at"),
        ({"customer": "cus_none"}, "customer"),
        ({"colour": "red"}, "colour"),
        ({"mode": "party"}, "mode"),
    ],
)
def test_a_wrong_session_is_refused_by_the_name_of_its_parameter(house, changes, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        house.session(**changes)

    assert refused.value.param == param
    assert house.counters()["sessions"] == 0


@pytest.mark.parametrize("cents", [49, 0, 100_000_000])
def test_an_amount_stripe_would_not_take_is_refused(house, cents):
    with pytest.raises(stripe.InvalidRequestError):
        house.session(cents)


def test_tax_questions_for_a_known_customer_need_leave_to_change_them(house):
    customer = house.customer()

    with pytest.raises(stripe.InvalidRequestError, match=r"customer_update\[name\]"):
        house.session(customer=customer.id, tax_id_collection={"enabled": True})
    with pytest.raises(stripe.InvalidRequestError, match="valid address"):
        house.session(customer=customer.id, automatic_tax={"enabled": True})

    session = house.session(
        customer=customer.id,
        tax_id_collection={"enabled": True},
        automatic_tax={"enabled": True},
        customer_update={"name": "auto", "address": "auto"},
    )
    house.pay(session, tax_id="DE123456789")
    after = house.stripe.checkout.sessions.retrieve(session.id)
    assert after.customer_details.tax_ids[0].value == "DE123456789"
    assert after.automatic_tax.status == "complete"
