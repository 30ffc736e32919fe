"""The saved card is charged over the API: once, only where the owner allowed it, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import AuditEntry, IdempotencyRecord, Letter, Role, Scope
from billing.models import Payer, TopUp, TopUpState
from billing.payments import saved_card, sweep
from tests.api.tools import API, faults, problem, together
from tests.billing.payments.conftest import Shopper, told
from tests.billing.payments.test_automatic import (
    ASKS,
    DECLINED_LATER,
    GOOD,
    MINUTE,
    charges,
    lose_answers,
    payer,
    with_a_card,
)
from tests.factories import a_member

pytestmark = pytest.mark.slow

WISH = {"amount": "25.00", "charge_saved_card": True}
PATH = "/wallet/top-ups"
CREDITED = ("30.00", "0.00", "0.00")
NOTHING = ("5.00", "0.00", "0.00")


def with_keys(house, number: str = GOOD) -> Shopper:
    """Somebody with five dollars and a saved card that keys may charge."""
    shopper = with_a_card(house, number, auto=False)
    switch(shopper.browser, "yes")
    shopper.workspace.refresh_from_db()
    return shopper


def switch(browser: Client, allow: str) -> Any:
    return browser.post("/wallet/api-charges", {"allow": allow})


@pytest.fixture
def shopper(house) -> Shopper:
    return with_keys(house)


@pytest.fixture
def api(shopper) -> API:
    return API(shopper.membership)


# What is charged


def test_a_key_charges_the_card_and_the_money_is_there(house, shopper, api):
    answer = api.post(PATH, WISH, idempotency_key="refill")

    assert answer.status_code == 201, answer.content
    top_up = answer.json()
    assert (top_up["status"], top_up["url"], top_up["automatic"]) == ("paid", None, False)
    assert top_up["receipt_url"]
    assert shopper.balance == CREDITED
    told(house)
    assert shopper.balance == CREDITED
    assert house.counters()["amount_received"] == 3000
    assert api.get(f"{PATH}/{top_up['id']}").json() == top_up
    assert "by an API key" in shopper.browser.get("/wallet").content.decode()


@pytest.mark.django_db(transaction=True)
def test_programs_are_told_of_it(house, shopper, api, listens):
    program = listens(shopper.workspace)

    top_up = api.post(PATH, WISH).json()
    told(house)

    (event,) = program.told()
    assert (event["type"], event["data"]["top_up"]) == ("wallet.topped_up", top_up)


def test_sent_twice_with_one_key_it_is_charged_once(house, shopper, api):
    first, again = (api.post(PATH, WISH, idempotency_key="refill") for _ in range(2))

    assert first.status_code == 201
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    top_up = TopUp.objects.get(saved_card=True)
    assert [one["key"] for one in charges(house)] == [f"charge-{top_up.pk.hex}"]
    assert shopper.balance == CREDITED


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_with_one_key_charge_once(house, shopper, api):
    answers = together([lambda: API(text=api.key).post(PATH, WISH, idempotency_key="race")] * 8)

    for answer in answers:
        if answer.status_code != 201:
            assert problem(answer, 409, "idempotency_in_flight")
            assert answer["Retry-After"] == "1"
    assert [answer.json()["status"] for answer in answers].count("paid") >= 1
    assert len(charges(house)) == 1
    assert shopper.balance == CREDITED


def test_another_key_is_another_charge(house, shopper, api):
    for key in ("one", "two"):
        assert api.post(PATH, WISH, idempotency_key=key).status_code == 201

    assert len(charges(house)) == 2
    assert shopper.balance == ("55.00", "0.00", "0.00")


def test_one_key_for_another_amount_is_refused(house, shopper, api):
    api.post(PATH, WISH, idempotency_key="refill")

    other = api.post(PATH, WISH | {"amount": "50.00"}, idempotency_key="refill")

    problem(other, 422, "idempotency_mismatch")
    assert len(charges(house)) == 1


# What is refused


def refused_before_stripe_is_asked(house, shopper: Shopper) -> None:
    assert charges(house) == []
    assert shopper.balance == NOTHING
    assert not TopUp.objects.filter(amount=25_000_000).exists()
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("scope", sorted(set(Scope.values) - {Scope.BILLING}))
def test_a_key_needs_the_scope(house, shopper, scope):
    text = keys.create(maker=shopper.membership, name="CI", scopes=[scope]).text

    said = problem(API(text=text).post(PATH, WISH, idempotency_key="k"), 403, "insufficient_scope")

    assert said["scope"] == "billing"
    refused_before_stripe_is_asked(house, shopper)


def test_while_the_owner_has_not_allowed_it_no_key_may(house):
    shopper = with_a_card(house, auto=False)

    answer = API(shopper.membership).post(PATH, WISH, idempotency_key="k")

    problem(answer, 403, "charging_switched_off")
    refused_before_stripe_is_asked(house, shopper)


def test_switched_off_again_no_key_may(house, shopper, api):
    switch(shopper.browser, "no")

    problem(api.post(PATH, WISH, idempotency_key="k"), 403, "charging_switched_off")
    refused_before_stripe_is_asked(house, shopper)


def test_without_a_saved_card_there_is_nothing_to_charge(house, shopper, api):
    house.stripe.payment_methods.detach(payer(shopper).card)
    told(house)

    problem(api.post(PATH, WISH, idempotency_key="k"), 409, "no_saved_card")
    refused_before_stripe_is_asked(house, shopper)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"amount": "4.99"}, ("amount", "invalid")),
        ({"amount": "2000.01"}, ("amount", "invalid")),
        ({"amount": "25.001"}, ("amount", "invalid")),
        ({"save_card": True}, ("save_card", "conflict")),
        ({"charge_saved_card": "yes"}, ("charge_saved_card", "invalid")),
        ({"saved_card": True}, ("saved_card", "unknown")),
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_refused_by_name(house, shopper, api, change, wrong):
    answer = api.post(PATH, WISH | change, idempotency_key="k")

    assert faults(problem(answer, 422, "invalid_request")) == [wrong]
    refused_before_stripe_is_asked(house, shopper)


def test_a_suspended_workspace_is_not_charged(house, shopper, api):
    shopper.workspace.suspended_at = timezone.now()
    shopper.workspace.save()

    assert api.post(PATH, WISH).status_code == 401
    assert charges(house) == []


# What the bank refuses


@pytest.mark.parametrize(
    ("number", "reason"),
    [(DECLINED_LATER, "generic_decline"), (ASKS, "authentication_required")],
)
def test_a_decline_says_why_and_stays_under_its_key(house, number, reason):
    shopper = with_keys(house, number)
    api = API(shopper.membership)

    first, again = (api.post(PATH, WISH, idempotency_key="refill") for _ in range(2))
    told(house)

    said = problem(first, 402, "card_declined")
    assert said["reason"] == reason
    assert said["detail"] == TopUp.objects.get(saved_card=True).failure
    assert problem(again, 402, "card_declined") | {"request_id": said["request_id"]} == said
    assert len(charges(house)) == 1
    assert shopper.balance == NOTHING
    shown = api.get(f"{PATH}/{said['top_up']}").json()
    assert (shown["status"], shown["error"]) == ("failed", said["detail"])


def test_after_a_decline_a_new_key_tries_again(house):
    shopper = with_keys(house, DECLINED_LATER)
    api = API(shopper.membership)
    problem(api.post(PATH, WISH, idempotency_key="one"), 402, "card_declined")
    method = house.stripe.payment_methods.attach(
        "pm_card_mastercard", {"customer": payer(shopper).customer}
    )
    Payer.objects.update(card=method.id)

    assert api.post(PATH, WISH, idempotency_key="two").status_code == 201
    assert shopper.balance == CREDITED


def test_a_decline_of_a_programs_is_none_of_the_automatic_ones(house):
    shopper = with_keys(house, DECLINED_LATER)

    for _ in range(4):
        API(shopper.membership).post(PATH, WISH)

    assert payer(shopper).failures == 0
    assert not Letter.objects.exclude(template="topped_up").exists()


# When Stripe does not answer


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_stripe_did_not_answer_is_open_and_charged_once(house, shopper, api, moment):
    lose_answers(house, moment)

    first = api.post(PATH, WISH, idempotency_key="refill")
    assert (first.status_code, first.json()["status"]) == (201, "open")
    problem(api.post(PATH, WISH, idempotency_key="refill"), 409, "idempotency_in_flight")
    page = shopper.browser.get(f"/wallet/top-ups/{first.json()['id']}").content.decode()
    assert "is being confirmed" in page

    assert sweep.open_top_ups(now=timezone.now() + 2 * MINUTE) == 1
    told(house)
    again = api.post(PATH, WISH, idempotency_key="refill")

    assert (again.status_code, again.json()["status"]) == (201, "paid")
    assert again["Idempotent-Replayed"] == "true"
    assert len({one["key"] for one in charges(house)}) == 1
    assert house.counters()["amount_received"] == 3000
    assert shopper.balance == CREDITED


def test_who_dies_before_stripe_is_asked_has_it_charged_all_the_same(house, shopper):
    now = timezone.now()
    saved_card.begin(shopper.workspace, amount=25_000_000, actor="a key", now=now)

    assert sweep.open_top_ups(now=now) == 0, "whoever began it is at it"
    assert sweep.open_top_ups(now=now + 2 * MINUTE) == 1

    assert shopper.balance == CREDITED


def test_nobody_is_charged_long_after_the_program_has_given_up(house, shopper):
    now = timezone.now() - 31 * MINUTE
    one = saved_card.begin(shopper.workspace, amount=25_000_000, actor="a key", now=now)

    sweep.open_top_ups(now=now + 31 * MINUTE)

    one.refresh_from_db()
    assert (one.state, one.failure) == (TopUpState.FAILED, "The payment service did not answer.")
    assert charges(house) == []
    assert shopper.balance == NOTHING


# Who allows it


def test_the_owner_allows_it_and_the_audit_has_it_once(house):
    shopper = with_a_card(house, auto=False)
    assert "Allow it" in shopper.browser.get("/wallet").content.decode()

    for allow in ("yes", "yes", "no"):
        assert switch(shopper.browser, allow).status_code == 302

    entries = AuditEntry.objects.filter(workspace=shopper.workspace)
    assert sorted(one.action for one in entries) == ["api_charges.allowed", "api_charges.forbidden"]
    assert {one.actor for one in entries} == {shopper.membership.user.public_id}
    shopper.workspace.refresh_from_db()
    assert not shopper.workspace.api_may_charge


@pytest.mark.parametrize("role", [Role.ADMIN, Role.BILLING, Role.MEMBER])
def test_nobody_else_can(house, role):
    shopper = with_a_card(house, auto=False)
    browser = Client()
    browser.force_login(a_member(shopper.workspace, role).user)

    refused = switch(browser, "yes")

    assert refused.status_code == 403
    assert "Ask the owner" in refused.content.decode()
    page = browser.get("/wallet").content.decode()
    assert ("Only the owner" in page) == (role != Role.MEMBER)
    assert not AuditEntry.objects.exists()
    shopper.workspace.refresh_from_db()
    assert not shopper.workspace.api_may_charge
