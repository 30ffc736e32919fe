"""Money comes in by card, over the API and in a browser, told by real signed events."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from tests.journeys.site import wait_until

pytestmark = pytest.mark.slow

CARD = {"method": "card", "number": "4242424242424242", "expiry": "12 / 34", "cvc": "123"}


def pay(url: str, **typed: str) -> httpx.Response:
    """What somebody does on the page they were led to."""
    return httpx.post(url, data={"email": "alice@example.org", **CARD, "pay": "1", **typed})


def begin(customer, amount: str, **headers: str) -> dict:
    answer = customer.api.post("/wallet/top-ups", json={"amount": amount}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_top_up_over_the_api_is_credited_by_the_event_alone(site, customer):
    top_up = begin(customer, "12.50")
    assert top_up["status"] == "open"

    assert pay(top_up["url"]).status_code == 303

    wait_until(lambda: customer.wallet()["available"] == "37.50", within=20)
    paid = customer.api.get(f"/wallet/top-ups/{top_up['id']}").json()
    assert (paid["status"], paid["url"]) == ("paid", None)
    assert httpx.get(paid["receipt_url"]).status_code == 200


def test_asking_twice_with_one_key_leads_to_one_page(customer):
    first = begin(customer, "10.00", **{"Idempotency-Key": "top-up-1"})
    again = begin(customer, "10.00", **{"Idempotency-Key": "top-up-1"})

    assert (again["id"], again["url"]) == (first["id"], first["url"])


def test_a_refund_reaches_the_wallet_and_the_rest_is_owed(site, customer):
    top_up = begin(customer, "20.00")
    pay(top_up["url"])
    wait_until(lambda: customer.wallet()["available"] == "45.00", within=20)
    stripe = json.loads((site.var / "sandbox.json").read_text())["stripe"]
    session = top_up["url"].rpartition("/")[2]

    httpx.post(
        f"{stripe['url']}/control/payments/{session}/refund",
        json={"amount": 500},
        headers={"Authorization": f"Bearer {stripe['token']}"},
    ).raise_for_status()

    wait_until(lambda: customer.wallet()["available"] == "40.00", within=20)


def test_nobody_is_credited_for_a_declined_card(customer):
    top_up = begin(customer, "10.00")

    pay(top_up["url"], number="4000000000000002")
    time.sleep(2)

    assert customer.wallet()["available"] == "25.00"
    assert customer.api.get(f"/wallet/top-ups/{top_up['id']}").json()["status"] == "open"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"amount": "4.99"}, 422),
        ({"amount": "-5"}, 422),
        ({"amount": "5.001"}, 422),
        ({"amount": 25}, 422),
        ({"amount": "25", "currency": "EUR"}, 422),
        ({}, 422),
        ({"amount": "1" * 30}, 422),
    ],
    ids=str,
)
def test_what_cannot_be_paid_is_refused_by_name(customer, body, status):
    answer = customer.api.post("/wallet/top-ups", json=body)

    assert answer.status_code == status
    assert answer.json()["code"] == "invalid_request"
