"""A saved card is charged without its owner, and each test card does what it says."""

from __future__ import annotations

import pytest
import stripe

from tests.billing.sandbox.house import text_of

SAVING = {
    "payment_intent_data": {"setup_future_usage": "off_session"},
    "saved_payment_method_options": {"payment_method_save": "enabled"},
}


def saved(house, number="4242424242424242", **typed):
    """A customer with one saved card."""
    customer = house.customer()
    session = house.session(customer=customer.id, **SAVING)
    answer = house.pay(session, number, save="1", **typed)
    if answer.headers["Location"].startswith("/authenticate/"):
        house.browser.post(answer.headers["Location"], data={"answer": "yes"})
    (card,) = house.stripe.customers.payment_methods.list(customer.id, {"type": "card"}).data
    return customer, card


def test_a_saved_card_pays_without_its_owner(house):
    customer, card = saved(house)
    before = len(house.events())

    intent = house.charge_saved(
        customer.id, card.id, 1500, metadata={"topup_id": "auto_1"}, receipt_email="a@example.org"
    )

    assert (intent.status, intent.amount_received) == ("succeeded", 1500)
    assert intent.metadata["topup_id"] == "auto_1"
    assert house.types(after=before) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    event = house.events()[-1]
    assert event["request"]["id"].startswith("req_")


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000341", "card_declined", "generic_decline"),
        ("4000002500003155", "authentication_required", "authentication_required"),
    ],
)
def test_a_card_that_fails_without_its_owner_says_why(house, number, code, decline_code):
    customer, card = saved(house, number)
    before = len(house.events())

    with pytest.raises(stripe.CardError) as declined:
        house.charge_saved(customer.id, card.id)

    problem = declined.value
    assert (problem.http_status, problem.code) == (402, code)
    assert problem.error.decline_code == decline_code
    intent = problem.error.payment_intent
    assert intent.status == "requires_payment_method"
    assert house.stripe.payment_intents.retrieve(intent.id).last_payment_error.code == code
    assert house.types(after=before) == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_card_visa", None),
        ("pm_card_mastercard", None),
        ("pm_card_chargeDeclined", "card_declined"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeCustomerFail", "card_declined"),
        ("pm_card_authenticationRequired", "authentication_required"),
    ],
)
def test_stripes_ready_made_cards_can_be_attached_and_charged(house, token, code):
    customer = house.customer()
    card = house.stripe.payment_methods.attach(token, {"customer": customer.id})

    if code is None:
        assert house.charge_saved(customer.id, card.id).status == "succeeded"
    else:
        with pytest.raises(stripe.CardError) as declined:
            house.charge_saved(customer.id, card.id)
        assert declined.value.code == code


def test_an_intent_is_made_confirmed_and_canceled_step_by_step(house):
    customer = house.customer()
    wish = {"amount": 700, "currency": "usd", "customer": customer.id}
    first = house.stripe.payment_intents.create(wish)
    second = house.stripe.payment_intents.create(wish)
    house.stripe.payment_intents.update(first.id, {"metadata": {"topup_id": "top_9"}})

    paid = house.stripe.payment_intents.confirm(first.id, {"payment_method": "pm_card_visa"})
    gone = house.stripe.payment_intents.cancel(second.id)

    assert paid.metadata["topup_id"] == "top_9"
    assert (first.status, paid.status) == ("requires_payment_method", "succeeded")
    assert gone.status == "canceled"
    for ended in (paid, gone):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            house.stripe.payment_intents.confirm(ended.id, {"payment_method": "pm_card_visa"})
        assert refused.value.code == "payment_intent_unexpected_state"


def test_an_intent_with_the_customer_there_asks_and_comes_back(house):
    intent = house.stripe.payment_intents.create(
        {
            "amount": 700, "currency": "usd", "payment_method": "pm_card_authenticationRequired",
            "confirm": True, "return_url": "http://127.0.0.1:9/back",
        }
    )  # fmt: skip
    assert intent.status == "requires_action"

    answer = house.browser.post(intent.next_action.redirect_to_url.url, data={"answer": "yes"})

    assert answer.headers["Location"] == "http://127.0.0.1:9/back"
    assert house.stripe.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_card_is_saved_only_when_somebody_asked_for_it(house):
    customer = house.customer()
    options = {"saved_payment_method_options": {"payment_method_save": "enabled"}}
    house.pay(house.session(customer=customer.id, **options))
    assert house.stripe.payment_methods.list({"customer": customer.id}).data == []

    house.pay(house.session(customer=customer.id, **options), save="1")

    (card,) = house.stripe.payment_methods.list({"customer": customer.id}).data
    assert card.allow_redisplay == "always"
    assert "payment_method.attached" in house.types()


def test_a_saved_card_is_offered_again_and_pays(house):
    customer, card = saved(house)
    session = house.session(customer=customer.id, **SAVING)

    page = house.browser.get(f"/c/pay/{session.id}")
    answer = house.pay(session, "", method=card.id)

    assert "Visa •••• 4242" in text_of(page)
    assert answer.status_code == 303
    assert len(house.stripe.payment_methods.list({"customer": customer.id}).data) == 1


def test_somebody_elses_card_cannot_be_charged(house):
    _, card = saved(house)
    other = house.customer("bob@example.org")

    with pytest.raises(stripe.InvalidRequestError):
        house.charge_saved(other.id, card.id)
    session = house.session(customer=other.id)
    assert house.pay(session, "", method=card.id).status_code == 422

    assert house.counters()["charges_made"] == 1


def test_a_detached_card_is_no_default_and_never_pays_again(house):
    customer, card = saved(house)
    house.stripe.customers.update(
        customer.id, {"invoice_settings": {"default_payment_method": card.id}}
    )

    house.stripe.payment_methods.detach(card.id)

    after = house.stripe.customers.retrieve(customer.id)
    assert after.invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError):
        house.stripe.payment_methods.attach(card.id, {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError):
        house.charge_saved(customer.id, card.id)
    assert house.types()[-2:] == ["payment_method.detached", "customer.updated"]


def test_the_same_number_has_the_same_fingerprint_for_everybody(house):
    def fingerprint(number):
        intent = house.stripe.payment_intents.retrieve(
            house.paid(number=number).payment_intent, {"expand": ["latest_charge"]}
        )
        return intent.latest_charge.payment_method_details.card.fingerprint

    assert fingerprint("4242424242424242") == fingerprint("4242424242424242")
    assert fingerprint("4242424242424242") != fingerprint("5555555555554444")


def test_nobody_pays_with_a_card_that_is_not_their_own_as_a_guest(house):
    _, card = saved(house)
    house.stripe.payment_methods.detach(card.id)

    assert house.pay(house.session(), "", method=card.id).status_code == 422
