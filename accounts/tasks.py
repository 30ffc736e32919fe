"""What there is to do for accounts: each task makes one call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import events, nudges, upkeep
from accounts.privacy import erasure, exports
from accounts.webhooks import deliveries, loop


@shared_task(acks_late=False)
def deliver() -> None:
    """Customers' webhooks. What is not done when it ends, the tick finds."""
    nudges.heard(events.DELIVER)
    loop.run()


@shared_task
def prune() -> None:
    """Once a day: events that nobody may ask for any more."""
    while deliveries.prune(now=timezone.now()):
        pass


@shared_task
def tidy() -> None:
    """Once a day: what is kept for a while only goes."""
    now = timezone.now()
    upkeep.forget_answers(now=now)
    upkeep.forget_key_uses(now=now)
    upkeep.forget_letters(now=now)
    upkeep.forget_sessions(now=now)
    exports.forget_old(now=now)


@shared_task
def export() -> None:
    """Copies of their data for those who asked; beat finds what a lost nudge left."""
    nudges.heard(exports.TASK)
    exports.make_due(now=timezone.now())


@shared_task
def erase() -> None:
    """Once an hour: accounts whose time is over."""
    erasure.run_due(now=timezone.now())
