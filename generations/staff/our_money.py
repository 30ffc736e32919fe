"""Our money with those providers that tell it, for the dashboard and the alarm."""

from __future__ import annotations

import logging

import httpx

from accounts.concurrency import in_database
from generations import connect, health
from generations.loops.concurrency import side_by_side
from generations.models import ProviderStatus
from generations.providers.base import ProviderError
from generations.transport import drive

logger = logging.getLogger(__name__)


def ask() -> int:
    """
    Costs nothing and pauses nobody: a key may be good for orders and for nothing else.

    Who is paused is left alone: the loop of balances asks them, and lets them go on. Returns how
    many were asked.
    """
    paused = set(ProviderStatus.objects.filter(pause_seconds__gt=0).values_list("name", flat=True))
    told_by = [name for name in sorted(connect.names()) if connect.provider(name).tells_balance]
    names = [name for name in told_by if name not in paused]
    if names:
        side_by_side(lambda client: (_ask(name, client) for name in names))
    return len(names)


async def _ask(name: str, client: httpx.AsyncClient) -> None:
    exchange = connect.provider(name).balance()
    try:
        balance = await drive(exchange, client=client, timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        logger.warning("%s did not tell our balance: %s", name, error.code)
    else:
        await in_database(health.told_balance, name, balance)
