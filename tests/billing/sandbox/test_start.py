"""What it refuses to start with, and that it forgets nothing."""

from __future__ import annotations

import signal

import pytest

from billing.sandbox.__main__ import main
from tests.billing.sandbox.house import KEY, SECRET


@pytest.mark.parametrize(
    ("options", "key", "secret", "said"),
    [
        (["--host", "0.0.0.0"], KEY, SECRET, "loopback only"),
        ([], "sk_live_house", SECRET, "sk_test_"),
        ([], "", SECRET, "sk_test_"),
        (["--webhook-url", "https://shop.example.org/x"], KEY, SECRET, "on this machine"),
        (["--webhook-url", "http://127.0.0.1:9/x"], KEY, "", "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_it_does_not_start_with_what_must_not_be(tmp_path, monkeypatch, options, key, secret, said):
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", secret)

    with pytest.raises(SystemExit, match=said):
        main(["--port", "0", "--state", str(tmp_path), *options])


def test_killed_it_keeps_every_object_fault_and_the_clock(own_house):
    customer = own_house.customer()
    paid = own_house.paid(customer=customer.id)
    waiting = own_house.session(customer=customer.id)
    own_house.tell("clock", move=60)
    own_house.tell("faults", effect="429", path="/v1/refunds")
    before = (own_house.events(), own_house.control("GET", "payments").json())

    own_house.stop(signal.SIGKILL)
    own_house.start()

    assert (own_house.events(), own_house.control("GET", "payments").json()) == before
    assert own_house.control("GET", "clock").json()["ahead"] == 60
    assert len(own_house.control("GET", "faults").json()["faults"]) == 1
    assert own_house.pay(waiting).status_code == 303
    assert own_house.stripe.checkout.sessions.retrieve(paid.id).payment_status == "paid"
