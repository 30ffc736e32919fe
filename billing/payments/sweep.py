"""What nobody told us of: payments whose event never came, events that were missed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from billing.models import StripeEvent, TopUp, TopUpState
from billing.payments import events, gateway, saved_card, top_ups

logger = logging.getLogger(__name__)

#: Stripe keeps events for 30 days; a site that was away for longer has other worries.
LOOK_BACK = timedelta(days=4)


def open_top_ups(*, now: datetime, limit: int = 50) -> int:
    """Ask Stripe about the open ones that are due. Returns how many were asked about."""
    due = _taken(now, limit)
    for top_up in due:
        try:
            _look(top_up, now)
        except (gateway.PaymentError, top_ups.NotOurs) as problem:
            logger.warning("%s could not be looked at: %s", top_up.public_id, problem)
    return len(due)


def missed_events(*, now: datetime) -> int:
    """File the events of the last days that never reached us. Returns how many there were."""
    types = [*events.EFFECTS, *events.ABOUT_CUSTOMERS]
    since = int((now - LOOK_BACK).timestamp())
    with gateway.asking() as client:
        listed = client.v1.events.list({"created": {"gte": since}, "types": types, "limit": 100})
        said = [event.to_dict() for event in listed.auto_paging_iter()]
    known = StripeEvent.objects.filter(pk__in=[one["id"] for one in said])
    missed = {one["id"]: one for one in said}
    for name in known.values_list("pk", flat=True):
        del missed[name]
    if missed:
        logger.error("%s events of Stripe's had not reached us.", len(missed))
    return sum(events.file(one) for one in missed.values())


def _look(top_up: TopUp, now: datetime) -> None:
    if top_up.saved_card and not top_up.payment_intent:
        saved_card.again(top_up, now=now)
    elif top_up.session or top_up.payment_intent:
        top_ups.look(top_up)
    elif now - top_up.created_at > top_ups.OPEN_FOR:  # its page was never made
        TopUp.objects.filter(pk=top_up.pk, state=TopUpState.OPEN).update(
            state=TopUpState.EXPIRED, due_at=None, finished_at=now
        )


@transaction.atomic
def _taken(now: datetime, limit: int) -> list[TopUp]:
    rows = TopUp.objects.select_for_update(skip_locked=True).filter(
        state=TopUpState.OPEN, due_at__lte=now
    )
    due = list(rows.order_by("due_at")[:limit])
    TopUp.objects.filter(pk__in=[one.pk for one in due]).update(due_at=now + top_ups.LOOK_AGAIN)
    TopUp.objects.filter(
        pk__in=[one.pk for one in due if now - one.created_at > top_ups.GIVE_UP_AFTER]
    ).update(due_at=None)
    return due
