"""What was sent, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts import ids
from accounts.models import DeliveryState, WebhookDelivery
from accounts.models.webhooks import WebhookDeliveryQuerySet
from accounts.site.webhook_forms import STATES

PAGE = 25
#: A try that is so near is waited for in the open page.
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery, ready to be shown."""

    delivery: WebhookDelivery
    now: datetime

    @property
    def is_pending(self) -> bool:
        return self.delivery.state == DeliveryState.PENDING

    @property
    def is_under_way(self) -> bool:
        """Being sent at this moment, or as soon as somebody has a hand free."""
        held, due = self.delivery.lease_until, self.delivery.due_at
        return self.is_pending and bool((held and held > self.now) or (due and due <= self.now))

    @property
    def is_waited_for(self) -> bool:
        """Whether an open page asks again by itself."""
        due = self.delivery.due_at
        return self.is_pending and bool(due and abs(due - self.now) < SOON)

    @property
    def next_try(self) -> datetime | None:
        return self.delivery.due_at if self.is_pending and not self.is_under_way else None

    @property
    def mark(self) -> str:
        """How it went, as the style sheet calls it."""
        if self.is_pending:
            return "odd" if self.delivery.log and not self.is_under_way else "wait"
        return "good" if self.delivery.state == DeliveryState.DELIVERED else "bad"

    @property
    def words(self) -> str:
        if self.is_under_way:
            return "on its way"
        if self.is_pending:
            return "will be tried again"
        return "delivered" if self.mark == "good" else "not delivered"


def page(
    rows: WebhookDeliveryQuerySet, asked: Mapping[str, Any], *, here: str, now: datetime
) -> dict[str, Any]:
    """
    Newest first; `state` narrows it, `before` is the delivery to go on from.

    :param here: the address of the page that shows them.
    """
    state, before = asked.get("state", ""), ids.private("whd", asked.get("before"))
    if state in DeliveryState.values:
        rows = rows.filter(state=state)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("event").order_by("-id")[: PAGE + 1])
    return {
        "here": here,
        "lines": [Line(one, now) for one in found[:PAGE]],
        "before": ids.public("whd", before) if before else "",
        "more": found[PAGE - 1].public_id if len(found) > PAGE else "",
        "state": state if state in STATES else "",
        "states": STATES.items(),
    }
