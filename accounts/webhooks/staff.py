"""What staff can do about webhooks: send them again, with a reason and an entry in the audit."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit
from accounts.models import User, WebhookDelivery, WebhookEndpoint
from accounts.proposals import NotPossible
from accounts.webhooks import deliveries

PERMISSION = "accounts.replay_webhookdelivery"


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants it, why, and from where."""

    by: User
    reason: str
    address: str | None = None


@transaction.atomic
def send_again(delivery: WebhookDelivery, wish: Wish) -> str:
    """
    :returns: what came of it.
    :raises PermissionDenied: they may not.
    :raises NotPossible: nothing was changed; it says why.
    """
    _check(wish)
    try:
        deliveries.replay(delivery)
    except (deliveries.CannotReplay, deliveries.UnderWay) as why:
        raise NotPossible(str(why)) from None
    said = "It is on its way again, under the same id."
    return _recorded("webhook_delivery.replayed", delivery, wish, said)


@transaction.atomic
def send_missed(endpoint: WebhookEndpoint, wish: Wish) -> str:
    """Everything that an endpoint wants and did not get; returns and raises as `send_again`."""
    _check(wish)
    try:
        count = deliveries.replay_missing(endpoint)
    except deliveries.CannotReplay as why:
        raise NotPossible(str(why)) from None
    said = f"On the way again: {count}."
    return _recorded("webhook_endpoint.replayed", endpoint, wish, said)


def _check(wish: Wish) -> None:
    if not wish.by.has_perm(PERMISSION):
        raise PermissionDenied(f"You may not do this: it takes {PERMISSION}.")
    if not wish.reason.strip():
        raise NotPossible("Say why: it is written down.")


def _recorded(act: str, row: WebhookDelivery | WebhookEndpoint, wish: Wish, outcome: str) -> str:
    audit.record(
        by=audit.Actor(wish.by.email, wish.address),
        action=act,
        subject=row.public_id,
        workspace=row.workspace,
        reason=wish.reason[:500],
        outcome=outcome,
    )
    return outcome
