"""One Idempotency-Key is one request, however often it comes and whatever is cut in between."""

from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.billing.sandbox.house import KEY, an_order

KEYED = {"idempotency_key": "topup:1"}


def test_the_same_key_gets_the_same_answer(house):
    first = house.stripe.checkout.sessions.create(an_order(), KEYED)
    again = house.stripe.checkout.sessions.create(an_order(), KEYED)

    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert again.last_response.headers["original-request"] == first.last_response.request_id
    assert house.counters()["sessions"] == 1


def test_the_same_key_with_another_body_is_refused(house):
    house.stripe.checkout.sessions.create(an_order(), KEYED)

    with pytest.raises(stripe.IdempotencyError) as refused:
        house.stripe.checkout.sessions.create(an_order(2600), KEYED)

    assert refused.value.http_status == 400
    assert house.counters()["sessions"] == 1


def test_a_declined_payment_is_declined_again_without_a_second_charge(house):
    customer = house.customer()
    wish = {
        "amount": 900, "currency": "usd", "customer": customer.id, "confirm": True,
        "off_session": True, "payment_method": "pm_card_chargeDeclined",
    }  # fmt: skip

    problems = []
    for _ in range(3):
        with pytest.raises(stripe.CardError) as declined:
            house.stripe.payment_intents.create(wish, KEYED)
        problems.append(declined.value.error.payment_intent.id)

    assert len(set(problems)) == 1
    assert house.counters()["charges_failed"] == 1


def test_a_request_that_was_refused_for_its_parameters_frees_its_key(house):
    with pytest.raises(stripe.InvalidRequestError):
        house.stripe.checkout.sessions.create(an_order(10), KEYED)

    assert house.stripe.checkout.sessions.create(an_order(), KEYED).status == "open"


def test_a_key_in_use_is_a_conflict_and_the_library_waits_it_out(house):
    house.tell("faults", effect="slow", seconds=0.6, path="/v1/checkout")
    results = []

    def order(client):
        try:
            results.append(client.checkout.sessions.create(an_order(), KEYED).id)
        except stripe.StripeError as problem:
            results.append(problem.http_status)

    clients = (house.client(), house.client(), house.client(retries=4))
    threads = [threading.Thread(target=order, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = {result for result in results if isinstance(result, str)}
    assert len(ids) == 1
    assert house.counters()["sessions"] == 1
    assert 409 in results


def test_fifty_at_once_make_one(house):
    with ThreadPoolExecutor(16) as pool:
        made = pool.map(
            lambda _: house.stripe.checkout.sessions.create(an_order(), KEYED).id, range(50)
        )

    assert len(set(made)) == 1
    assert house.counters()["sessions"] == 1


def test_the_library_can_ask_without_waiting(house):
    async def twenty():
        wire = stripe.HTTPXClient(timeout=20)
        client = stripe.StripeClient(
            KEY, base_addresses={"api": house.url}, http_client=wire, max_network_retries=0
        )
        made = [client.v1.customers.create_async({"email": f"c{n}@x.org"}) for n in range(20)]
        found = await asyncio.gather(*made)
        await wire.close_async()
        return found

    assert len({one.id for one in asyncio.run(twenty())}) == 20


@pytest.mark.parametrize("effect", ["500", "503", "cut"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_answer_is_asked_for_again_and_the_work_done_once(house, effect, moment):
    house.tell("faults", effect=effect, moment=moment, path="/v1/checkout")
    client = house.client(retries=2)

    session = client.checkout.sessions.create(an_order(), KEYED)

    assert session.status == "open"
    assert house.counters()["sessions"] == 1
    tried = house.control("GET", "requests").json()["requests"]
    assert [one["replayed"] for one in tried] == [False, moment == "after"]
    assert [one["fault"] for one in tried] == [effect, None]


def test_a_sticky_error_is_the_keys_answer_for_ever(house):
    house.tell("faults", effect="500", sticky=True)

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            house.stripe.checkout.sessions.create(an_order(), KEYED)

    assert house.counters()["sessions"] == 0
    other = {"idempotency_key": "topup:1:again"}
    assert house.stripe.checkout.sessions.create(an_order(), other).status == "open"


def test_too_many_requests_are_told_so(house):
    house.tell("faults", effect="429", times=2)

    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            house.stripe.customers.list()

    assert house.stripe.customers.list().data == []


def test_a_hanging_answer_ends_the_connection_and_the_work_may_be_done(house):
    house.tell("faults", effect="hang", moment="after", seconds=0.4)
    client = house.client(timeout=0.2)

    with pytest.raises(stripe.APIConnectionError):
        client.checkout.sessions.create(an_order(), KEYED)

    assert house.counters()["sessions"] == 1
    assert house.stripe.checkout.sessions.create(an_order(), KEYED).status == "open"
    assert house.counters()["sessions"] == 1


def test_killed_between_two_tries_it_still_knows_the_key(own_house):
    own_house.tell("faults", effect="cut", moment="after")
    with pytest.raises(stripe.APIConnectionError):
        own_house.stripe.checkout.sessions.create(an_order(), KEYED)

    own_house.stop(signal.SIGKILL)
    own_house.start()

    again = own_house.stripe.checkout.sessions.create(an_order(), KEYED)
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert own_house.counters()["sessions"] == 1


def test_a_key_may_serve_again_after_a_day(house):
    first = house.stripe.checkout.sessions.create(an_order(), KEYED)

    house.tell("clock", move=24 * 3600 + 1)

    assert house.stripe.checkout.sessions.create(an_order(2600), KEYED).id != first.id
