"""What is kept for a while only."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import IdempotencyRecord

ANSWERS_ARE_KEPT = timedelta(days=30)
AT_ONCE = 1000


def forget_answers(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """
    Let old answers of idempotent requests go; what a key made is known for ever.

    In small bites, so that nobody waits for a lock. Returns how many were let go.
    """
    old = IdempotencyRecord.objects.filter(
        answer__isnull=False, created_at__lt=now - ANSWERS_ARE_KEPT
    )
    found = 0
    while bite := old.filter(pk__in=old.order_by("created_at").values("pk")[:at_once]).update(
        answer=None
    ):
        found += bite
    return found
