"""Events of a workspace: written with what they tell, once, and sent to whoever wants them."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts import events
from accounts.models import CustomerEvent, WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db

SUBJECT = "thing:0001"


def tell(workspace, type="wallet.topped_up", subject=SUBJECT, **more):
    events.tell(workspace_id=workspace.pk, type=type, subject=subject, **more)


def an_endpoint(workspace, *wanted, **more):
    url = "https://customer.example/hook"
    return WebhookEndpoint.objects.create(workspace=workspace, url=url, events=wanted, **more)


def test_an_event_is_told_once_however_often_it_happens(alice):
    tell(alice.workspace, data={"amount": "5.00"})
    tell(alice.workspace, data={"amount": "9.00"})

    (event,) = CustomerEvent.objects.all()
    shown = events.described([event])[event.id]
    assert shown["id"] == event.public_id
    assert (shown["object"], shown["type"]) == ("event", "wallet.topped_up")
    assert shown["data"] == {"amount": "5.00"}


def test_whoever_wants_it_gets_a_delivery(alice, charlie):
    everything = an_endpoint(alice.workspace)
    this = an_endpoint(alice.workspace, "wallet.topped_up")
    an_endpoint(alice.workspace, "wallet.low")
    an_endpoint(alice.workspace, disabled_at="2026-01-01T00:00Z")
    an_endpoint(charlie.workspace)

    tell(alice.workspace, url="https://order.example/hook")

    deliveries = WebhookDelivery.objects.for_workspace(alice.workspace)
    assert {one.endpoint for one in deliveries} == {everything, this, None}
    assert {one.url for one in deliveries} == {everything.url, "https://order.example/hook"}
    assert all(one.pk.version == 7 and one.state == "pending" for one in deliveries)
    assert not WebhookDelivery.objects.for_workspace(charlie.workspace).exists()


def test_nothing_is_told_of_what_did_not_happen(alice):
    an_endpoint(alice.workspace)

    with transaction.atomic():
        tell(alice.workspace)
        transaction.set_rollback(True)

    assert not CustomerEvent.objects.exists()
    assert not WebhookDelivery.objects.exists()
