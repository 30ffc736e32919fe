"""A provider that cannot work with us is paused, longer each time, until it can again."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from generations.models import ProviderStatus
from generations.providers.base import ProviderError

logger = logging.getLogger(__name__)

FIRST_PAUSE = 60
LONGEST_PAUSE = 900


@transaction.atomic
def pause(name: str, error: ProviderError) -> None:
    """Our key or our money with them is at fault: 60 s, doubling to 15 min; staff are told."""
    status, _ = ProviderStatus.objects.select_for_update().get_or_create(name=name)
    seconds = min(LONGEST_PAUSE, status.pause_seconds * 2 or FIRST_PAUSE)
    ProviderStatus.objects.filter(pk=name).update(
        paused_until=Now() + timedelta(seconds=seconds),
        pause_seconds=seconds,
        last_error=f"{error.code}: {error.message}",
        last_error_at=Now(),
    )
    logger.error("%s is paused for %s s: %s", name, seconds, error.code)


def fine(name: str) -> None:
    """It took an order: whatever was wrong is over."""
    paused = ProviderStatus.objects.filter(pk=name, pause_seconds__gt=0)
    paused.update(paused_until=None, pause_seconds=0)
