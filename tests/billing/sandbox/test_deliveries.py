"""Webhooks: signed, retried, and in whatever order and number somebody asks for."""

from __future__ import annotations

import itertools
import signal
import time

import pytest
import stripe

from tests.billing.sandbox.house import eventually


def states(house):
    return [one["state"] for one in house.control("GET", "deliveries").json()["deliveries"]]


def test_every_delivery_is_truly_signed(house, shop):
    house.customer()

    (call,) = shop.wait_for(1)

    assert call.event()["type"] == "customer.created"
    with pytest.raises(stripe.SignatureVerificationError):
        call.event("whsec_00000000000000000000000000000000")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(call.payload + " ", call.header, "whsec_other")


def test_an_event_that_was_not_taken_comes_again_after_growing_pauses(house, shop):
    shop.answers[:] = [500, 302, 404, 503]

    house.customer()

    calls = shop.wait_for(5)
    assert len({call.payload for call in calls}) == 1
    pauses = [later.at - call.at for call, later in itertools.pairwise(calls)]
    assert pauses[-1] > pauses[0] * 2
    eventually(lambda: states(house) == ["delivered"])


def test_registered_endpoints_get_what_they_asked_for_under_their_own_secret(house, shop):
    wanted = ["checkout.session.completed"]
    endpoint = house.stripe.webhook_endpoints.create(
        {"url": f"{shop.url}/second", "enabled_events": wanted}
    )
    listed = house.stripe.webhook_endpoints.list().data
    assert [one.id for one in listed] == [endpoint.id]
    assert "secret" not in listed[0]

    house.paid()

    calls = shop.wait_for(5)
    eventually(lambda: states(house) == ["delivered"] * 5)
    theirs = [call for call in calls if _opens(call, endpoint.secret)]
    assert [call.event(endpoint.secret)["type"] for call in theirs] == wanted
    assert house.stripe.webhook_endpoints.delete(endpoint.id).deleted
    assert house.stripe.webhook_endpoints.list().data == []


def test_endpoints_elsewhere_are_refused(house):
    with pytest.raises(stripe.InvalidRequestError, match="this machine"):
        house.stripe.webhook_endpoints.create(
            {"url": "https://shop.example.org/hook", "enabled_events": ["*"]}
        )


def test_deliveries_are_held_back_and_released_in_another_order(house, shop):
    house.tell("policy", mode="hold")
    house.paid()
    made = house.types()
    assert states(house) == ["held"] * len(made)

    house.tell("policy", mode="send")
    assert house.tell("release", order="reversed") == {"released": len(made)}

    assert shop.types() == made[::-1]
    assert states(house) == ["delivered"] * len(made)


def test_chosen_events_are_released_and_the_others_stay(house, shop):
    house.tell("policy", mode="hold")
    house.paid()
    last, first = house.events()[-1], house.events()[0]

    house.tell("release", order=[last["id"], first["id"]])

    assert shop.types() == [last["type"], first["type"]]
    assert states(house).count("held") == len(house.events()) - 2


def test_dropped_deliveries_never_come_but_the_list_has_their_events(house, shop):
    house.tell("policy", mode="drop", types=["checkout.session.completed"])

    session = house.paid()

    shop.wait_for(3)
    time.sleep(0.2)
    assert "checkout.session.completed" not in shop.types()
    found = house.stripe.events.list({"types": ["checkout.session.completed"]}).data
    assert [one["data"]["object"]["id"] for one in found] == [session.id]


def test_events_that_nobody_took_can_be_asked_for(house):
    house.customer()
    eventually(lambda: states(house) == ["delivered"])
    house.tell("policy", mode="hold")
    house.customer()

    first, second = house.events()

    def listed(taken):
        return [one.id for one in house.stripe.events.list({"delivery_success": taken}).data]

    assert listed(True) == [first["id"]]
    assert listed(False) == [second["id"]]


def test_every_event_may_come_twice(house, shop):
    house.tell("policy", mode="send", copies=2)

    house.customer()

    calls = shop.wait_for(2)
    assert len({call.event()["id"] for call in calls}) == 1


def test_one_event_is_delivered_fifty_times_at_once(house, shop):
    house.customer()
    shop.wait_for(1)
    event, shop.delay = house.events()[0], 0.2

    answer = house.tell(f"events/{event['id']}/deliver", times=50, at_once=True)

    assert answer["statuses"] == [200] * 50
    assert len(shop.calls) == 51
    assert shop.most_inside > 10
    assert {call.event()["id"] for call in shop.calls} == {event["id"]}


def test_what_was_owed_when_it_was_killed_is_delivered_afterwards(own_house, shop):
    shop.answers[:] = [500] * 4
    session = own_house.paid()

    own_house.stop(signal.SIGKILL)
    shop.answers.clear()
    before = len(shop.calls)
    own_house.start()

    eventually(lambda: states(own_house) == ["delivered"] * 4)
    assert len(shop.calls) >= before
    told = {call.event()["id"] for call in shop.calls}
    assert {event["id"] for event in own_house.events()} == told
    assert own_house.stripe.checkout.sessions.retrieve(session.id).payment_status == "paid"


def _opens(call, secret):
    try:
        call.event(secret)
    except stripe.SignatureVerificationError:
        return False
    return True
