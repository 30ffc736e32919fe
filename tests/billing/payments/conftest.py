"""A shop with a real stand-in for Stripe: people pay on its pages, its events are really signed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import stripe
from django.test import Client

from accounts.models import Role
from billing import audit, ledger, money
from billing.models import TopUp
from billing.payments import events
from tests.billing.sandbox.house import KEY, SECRET, House
from tests.factories import a_member, a_workspace


@pytest.fixture(scope="package")
def _house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("stripe"))
    yield house
    house.stop()


@pytest.fixture
def house(_house, settings, db):
    _house.control("POST", "reset")
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.STRIPE_API_BASE = _house.url
    settings.SITE_URL = "http://127.0.0.1:8000"
    yield _house
    assert audit.own_faults() == []


class Shopper:
    """Somebody of a workspace, before a browser and with what Stripe shows them."""

    def __init__(self, house: House, role: Role = Role.OWNER, deposit: str = "0") -> None:
        self.house, self.workspace = house, a_workspace(deposit=deposit)
        owner = self.workspace.memberships.get(role=Role.OWNER)
        self.membership = owner if role == Role.OWNER else a_member(self.workspace, role)
        self.browser = Client()
        self.browser.force_login(self.membership.user)

    def wants(self, amount: str = "25", **more: str) -> TopUp:
        """Press the button in the wallet; Checkout is open then."""
        answer = self.browser.post("/wallet/top-up", {"amount": amount, **more})
        assert answer.status_code == 302, answer.content.decode()
        assert answer["Location"].startswith(self.house.url)
        return TopUp.objects.for_workspace(self.workspace).latest("created_at")

    def pays(self, top_up: TopUp, number: str = "4242424242424242", **typed: str) -> Any:
        session = stripe_session(top_up)
        return self.house.pay(session, number, **typed)

    def paid(self, amount: str = "25", number: str = "4242424242424242", **more: str) -> TopUp:
        """Paid, and we were told."""
        top_up = self.wants(amount, **more)
        assert self.pays(top_up, number).status_code == 303
        told(self.house)
        top_up.refresh_from_db()
        return top_up

    @property
    def balance(self) -> tuple[str, str, str]:
        """Available, held, debt."""
        now = ledger.balance(self.workspace.wallet)
        return money.usd(now.available), money.usd(now.held), money.usd(now.debt)

    @property
    def moves(self) -> list[tuple[str, str, str, str]]:
        """Kind, from, to, amount, oldest first."""
        rows = self.workspace.wallet.transfers.order_by("position")
        return [(one.kind, one.debit, one.credit, money.usd(one.amount)) for one in rows]


@pytest.fixture
def shopper(house):
    return Shopper(house)


def stripe_session(top_up: TopUp) -> Any:
    class Session:
        id = top_up.session

    return Session()


def signed(event: Any, *, at: float | None = None, secret: str = SECRET) -> tuple[str, str]:
    """The body and the header Stripe would send."""
    body = json.dumps(event)
    when = int(time.time() if at is None else at)
    return body, stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=when)


def post(event: Any, **options: Any) -> Any:
    body, header = signed(event, **options)
    return deliver(body, header)


def deliver(body: str | bytes, header: str) -> Any:
    return Client().post(
        "/webhooks/stripe", body, content_type="application/json", HTTP_STRIPE_SIGNATURE=header
    )


def told(house: House, *, only: str = "") -> None:
    """Every event so far arrives and is processed."""
    for event in house.events():
        if event["type"].startswith(only):
            assert post(event).status_code == 200
    events.process_due()
