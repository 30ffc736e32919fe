"""Keys, lists, events, errors: what holds for every object."""

from __future__ import annotations

import httpx
import pytest
import stripe

from tests.billing.sandbox.house import KEY


@pytest.mark.parametrize("key", ["sk_test_other", "sk_live_house", f"{KEY}x"])
def test_only_the_one_key_opens(house, key):
    with pytest.raises(stripe.AuthenticationError) as refused:
        house.client(key=key).customers.list()

    assert refused.value.http_status == 401
    assert "other" not in str(refused.value)


def test_customers_are_changed_found_and_deleted(house, shop):
    customer = house.customer()
    card = house.stripe.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    changed = house.stripe.customers.update(
        customer.id,
        {
            "name": "Alice", "metadata": {"plan": "big", "workspace": ""},
            "invoice_settings": {"default_payment_method": card.id},
        },
    )  # fmt: skip

    assert changed.name == "Alice"
    assert changed.metadata.to_dict() == {"plan": "big"}
    assert changed.invoice_settings.default_payment_method == card.id
    opened = house.stripe.customers.retrieve(
        customer.id, {"expand": ["invoice_settings.default_payment_method"]}
    )
    assert opened.invoice_settings.default_payment_method.card.last4 == "4242"
    assert [one.id for one in house.stripe.customers.list({"email": customer.email}).data] == [
        customer.id
    ]
    assert house.stripe.customers.delete(customer.id).deleted
    with pytest.raises(stripe.InvalidRequestError) as gone:
        house.stripe.customers.retrieve(customer.id)
    assert gone.value.code == "resource_missing"
    assert house.types() == [
        "customer.created",
        "payment_method.attached",
        "customer.updated",
        "customer.updated",
        "payment_method.detached",
        "customer.updated",
        "customer.deleted",
    ]


def test_lists_come_in_pages_newest_first(house):
    made = [house.customer(f"c{number}@example.org").id for number in range(25)]

    page = house.stripe.customers.list({"limit": 10})
    everybody = [one.id for one in page.auto_paging_iter()]

    assert (len(page.data), page.has_more) == (10, True)
    assert everybody == made[::-1]
    back = house.stripe.customers.list({"limit": 3, "ending_before": everybody[5]})
    assert [one.id for one in back.data] == everybody[2:5]
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        house.stripe.customers.list({"starting_after": "cus_none"})
    assert unknown.value.param == "starting_after"


def test_events_are_listed_by_type_and_time(house):
    house.paid()
    middle = house.tell("clock", move=3600)["now"]
    house.paid()

    late = house.stripe.events.list({"created": {"gte": middle - 5}, "limit": 100}).data
    early = house.stripe.events.list({"created": {"lt": middle - 5}, "limit": 100}).data
    chosen = house.stripe.events.list({"types": ["charge.succeeded", "payment_intent.succeeded"]})

    assert len(late) == len(early) == 4
    assert {one.type for one in chosen.data} == {"charge.succeeded", "payment_intent.succeeded"}
    assert len(chosen.data) == 4


def test_money_on_the_account_becomes_available_later(house):
    house.paid()
    (pending,) = house.stripe.balance_transactions.list({"type": "charge"}).data

    house.tell("clock", move=3 * 24 * 3600)

    (available,) = house.stripe.balance_transactions.list({"source": pending.source}).data
    assert (pending.status, available.status) == ("pending", "available")


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("payment_intents", {"amount": "12.5", "currency": "usd"}, "amount"),
        ("payment_intents", {"amount": "-5", "currency": "usd"}, "amount"),
        ("payment_intents", {"currency": "usd"}, "amount"),
        ("payment_intents", {"amount": "500"}, "currency"),
        ("refunds", {}, "charge"),
        ("refunds", {"payment_intent": "pi_none"}, "payment_intent"),
        ("customers", {"metadata[a]": "x" * 501}, "metadata[a]"),
        ("customers", {"email": "nobody"}, "email"),
        ("customers", {"expand[0]": "colour"}, "expand"),
    ],
)
def test_errors_name_the_parameter(house, path, body, param):
    headers = {"Authorization": f"Bearer {KEY}"}

    answer = httpx.post(f"{house.url}/v1/{path}", data=body, headers=headers)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert answer.headers["request-id"].startswith("req_")
    assert house.events() == []


def test_addresses_that_are_not_there_say_so(house):
    answer = httpx.get(f"{house.url}/v1/subscriptions", headers={"Authorization": f"Bearer {KEY}"})

    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


def test_the_control_endpoint_needs_its_token(house):
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        assert house.browser.get("/control/payments", headers=headers).status_code == 401


def test_control_tells_payments_and_adds_them_up(house):
    session = house.paid(2500)
    house.paid(1000)
    house.tell(f"payments/{session.id}/refund", amount=500)

    first, second = house.control("GET", "payments").json()["payments"]

    assert (first["session"], first["amount_refunded"]) == (session.id, 500)
    assert (second["amount_received"], second["status"]) == (1000, "succeeded")
    counters = house.counters()
    assert counters["charges_made"] == 2
    assert counters["amount_received"] == 3500
    assert counters["amount_refunded"] == 500


def test_control_pays_like_a_customer(house):
    session = house.session()

    intent = house.tell(f"sessions/{session.id}/pay", number="4000002500003155")

    assert intent["status"] == "succeeded"
    assert house.stripe.checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize(
    "body",
    [
        "&".join(f"metadata[k{n}]=v" for n in range(2001)),
        "a" + "[b]" * 11 + "=1",
        "metadata=1&metadata[a]=1",
        "metadata[a]=1&metadata=1",
        "metadata[0]=1",
        "name[first]=1",
        "=1",
        "[]=1",
        "%ff=%ff&[=1",
    ],
)
def test_a_strange_body_is_refused_and_changes_nothing(house, body):
    headers = {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    answer = httpx.post(f"{house.url}/v1/customers", content=body, headers=headers)

    assert answer.status_code == 400
    assert house.events() == []


def test_currencies_without_cents_are_refused(house):
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency"):
        house.stripe.payment_intents.create({"amount": 500, "currency": "jpy"})
