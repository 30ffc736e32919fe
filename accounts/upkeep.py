"""What is kept for a while only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import IdempotencyRecord, KeyUse, Letter
from accounts.privacy import retention

AT_ONCE = 1000
#: A row about who is signed in where is never younger than its session; nobody relies on that.
SETTLED = timedelta(days=1)


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


def forget_sessions(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Sessions that are over, and from where their people came. Returns how many are forgotten."""
    over = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
    gone = _in_bites(over, at_once)
    theirs = Session.objects.filter(pk=OuterRef("session_key"))
    left = UserSession.objects.filter(~Exists(theirs), created_at__lt=now - SETTLED)
    return gone + _in_bites(left.order_by("pk"), at_once)


def _in_bites(rows: QuerySet[Any], at_once: int) -> int:
    gone = 0
    while bite := rows.model._default_manager.filter(pk__in=rows.values("pk")[:at_once]).delete()[
        0
    ]:
        gone += bite
    return gone
