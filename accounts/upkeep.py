"""What is kept for a while only."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import IdempotencyRecord, KeyUse, Letter
from accounts.privacy import retention

AT_ONCE = 1000


def forget_answers(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """
    Let old answers of idempotent requests go; what a key made is known for ever.

    In small bites, so that nobody waits for a lock. Returns how many were let go.
    """
    found = 0
    for workspaces, before in retention.cutoffs("logs", now):
        old = IdempotencyRecord.objects.filter(
            **workspaces, answer__isnull=False, created_at__lt=before
        )
        while bite := IdempotencyRecord.objects.filter(
            pk__in=old.order_by("created_at").values("pk")[:at_once]
        ).update(answer=None):
            found += bite
    return found


def forget_key_uses(*, now: datetime) -> int:
    """From where keys were used long ago. Returns how many are forgotten."""
    return sum(
        KeyUse.objects.filter(**workspaces, last_used_at__lt=before).delete()[0]
        for workspaces, before in retention.cutoffs("logs", now, of="key__workspace")
    )


def forget_letters(*, now: datetime) -> int:
    """Letters that were sent long ago, to whomever. Returns how many are forgotten."""
    before = now - timedelta(days=settings.LOGS_KEPT_DAYS)
    return Letter.objects.filter(sent_at__lt=before).delete()[0]
