"""Our money with the providers that tell it: asked after we spent some, and after a pause."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import Any

import httpx
from django.utils import timezone

from accounts.concurrency import in_database
from generations import connect, health
from generations.loops.concurrency import side_by_side
from generations.models import ProviderStatus
from generations.providers.base import Misconfigured, ProviderError
from generations.transport import drive

logger = logging.getLogger(__name__)


def run(*, now: datetime | None = None) -> int:
    """Ask those that are due. Returns how many were asked."""
    asked = [name for name in _due(now or timezone.now()) if name in connect.names()]
    asked = [name for name in asked if connect.provider(name).tells_balance]
    if asked:
        side_by_side(lambda client: _work(asked, client))
    return len(asked)


def _due(now: datetime) -> list[str]:
    due = ProviderStatus.objects.filter(balance_due_at__lte=now)
    names = list(due.values_list("name", flat=True))
    return [name for name in names if due.filter(name=name).update(balance_due_at=None)]


def _work(names: Iterable[str], client: httpx.AsyncClient) -> Iterable[Coroutine[Any, Any, object]]:
    return (ask(name, client) for name in names)


async def ask(name: str, client: httpx.AsyncClient, *, pauses: bool = True) -> None:
    """`pauses`: whether one that does not know our key gets no orders until it does."""
    exchange = connect.provider(name).balance()
    try:
        balance = await drive(exchange, client=client, timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        if pauses and isinstance(error, Misconfigured):
            await in_database(health.pause, name, error)
        else:
            logger.warning("%s did not tell our balance: %s", name, error.code)
    else:
        await in_database(health.told_balance, name, balance)
