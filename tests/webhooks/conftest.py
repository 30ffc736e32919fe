"""Alice's program listens on loopback, which the operator allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts import events
from accounts.models import WebhookDelivery
from accounts.webhooks import endpoints
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    with receiving() as one:
        settings.OUTBOUND_ALLOW = [one.pair]
        yield one


@pytest.fixture
def made(alice, receiver) -> endpoints.NewSecret:
    """Her endpoint with its secret."""
    return endpoints.create(alice.workspace, url=receiver.url())


@pytest.fixture
def endpoint(made):
    return made.endpoint


@pytest.fixture
def tell(alice):
    """Something happened; returns its delivery to her endpoint."""

    def told(subject: str = "thing:1", **more: object) -> WebhookDelivery | None:
        events.tell(
            workspace_id=alice.workspace.pk,
            type="wallet.topped_up",
            subject=subject,
            data={"amount": "5.00"},
            **more,
        )
        return WebhookDelivery.objects.filter(event__subject=subject).last()

    return told
