"""Refunds and disputes: by the shop, in the dashboard, by the customer's bank."""

from __future__ import annotations

import pytest
import stripe


def charge_of(house, session):
    return house.stripe.payment_intents.retrieve(
        session.payment_intent, {"expand": ["latest_charge"]}
    ).latest_charge


def moved(house):
    """Every movement on the account, oldest first."""
    found = house.stripe.balance_transactions.list({"limit": 100}).data[::-1]
    return [(one.reporting_category, one.amount, one.fee) for one in found]


def test_refunds_go_out_in_parts_and_never_exceed_the_payment(house):
    session = house.paid(2500)
    before = len(house.events())

    first = house.stripe.refunds.create(
        {"payment_intent": session.payment_intent, "amount": 1000, "metadata": {"why": "half"}}
    )
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        house.stripe.refunds.create({"payment_intent": session.payment_intent, "amount": 1501})
    rest = house.stripe.refunds.create({"charge": first.charge})

    assert (first.amount, rest.amount, first.status) == (1000, 1500, "succeeded")
    charge = charge_of(house, session)
    assert (charge.amount_refunded, charge.refunded) == (2500, True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        house.stripe.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"
    assert moved(house) == [("charge", 2500, 103), ("refund", -1000, 0), ("refund", -1500, 0)]
    assert house.types(after=before)[:4] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ]
    changed = house.events()[before + 1]["data"]
    assert changed["previous_attributes"] == {"amount_refunded": 0}
    assert house.stripe.refunds.list({"charge": charge.id}).data[1].metadata["why"] == "half"


def test_a_refund_of_the_dashboard_needs_no_request(house):
    session = house.paid(2500)

    refund = house.tell(f"payments/{session.id}/refund", amount=700)

    assert refund["amount"] == 700
    assert house.events()[-1]["request"] == {"id": None, "idempotency_key": None}
    assert house.counters()["amount_refunded"] == 700


def test_a_refund_the_bank_does_not_take_comes_back(house):
    session = house.paid(2500)
    refund = house.stripe.refunds.create({"payment_intent": session.payment_intent})

    house.tell(f"refunds/{refund.id}/fail")

    assert house.stripe.refunds.retrieve(refund.id).status == "failed"
    assert charge_of(house, session).amount_refunded == 0
    assert house.types()[-1] == "refund.failed"
    assert moved(house)[-1] == ("refund_failure", 2500, 0)


def test_a_lost_dispute_takes_the_money_and_a_won_one_brings_it_back(house):
    lost, won = house.paid(2500), house.paid(1000)
    before = len(house.events())

    taken = house.tell(f"payments/{lost.id}/dispute", reason="product_not_received")
    house.tell(f"disputes/{taken['id']}/lose")
    back = house.tell(f"payments/{won.payment_intent}/dispute", amount=600)
    house.tell(f"disputes/{back['id']}/win")

    assert house.types(after=before) == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    assert house.stripe.disputes.retrieve(taken["id"]).status == "lost"
    found = house.stripe.disputes.list({"payment_intent": won.payment_intent}).data[0]
    assert (found.status, found.amount) == ("won", 600)
    assert [one.amount for one in found.balance_transactions] == [-600, 600]
    assert house.counters()["amount_disputed"] == 2500
    assert moved(house)[2:] == [
        ("dispute", -2500, 1500),
        ("dispute", -600, 1500),
        ("dispute_reversal", 600, 0),
    ]
    assert house.control("POST", f"disputes/{back['id']}/lose").status_code == 400


def test_a_disputed_payment_cannot_be_refunded(house):
    session = house.paid(2500)
    house.tell(f"payments/{session.id}/dispute")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        house.stripe.refunds.create({"payment_intent": session.payment_intent})

    assert refused.value.code == "charge_disputed"
    dispute = house.stripe.disputes.list({"payment_intent": session.payment_intent}).data[0]
    house.tell(f"disputes/{dispute.id}/win")
    refund = house.stripe.refunds.create({"payment_intent": session.payment_intent})
    assert refund.status == "succeeded"


def test_the_disputed_card_is_disputed_after_everything_else(house):
    session = house.paid(number="4000000000000259")

    assert session.payment_status == "paid"
    assert house.types()[-3:] == [
        "checkout.session.completed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]
    dispute = house.stripe.disputes.list({"payment_intent": session.payment_intent}).data[0]
    assert (dispute.status, dispute.amount) == ("needs_response", 2500)


def test_the_shop_may_give_in_or_answer(house):
    given_in, answered = house.paid(), house.paid()
    first = house.tell(f"payments/{given_in.id}/dispute")["id"]
    second = house.tell(f"payments/{answered.id}/dispute")["id"]

    house.stripe.disputes.close(first)
    house.stripe.disputes.update(second, {"evidence": {"uncategorized_text": "winning_evidence"}})

    assert house.stripe.disputes.retrieve(first).status == "lost"
    assert house.stripe.disputes.retrieve(second).status == "won"
