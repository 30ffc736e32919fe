"""Our money with those providers that tell it, for the dashboard and the alarm."""

from __future__ import annotations

from generations import connect
from generations.loops import balances
from generations.loops.concurrency import side_by_side
from generations.models import ProviderStatus


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
        side_by_side(lambda client: (balances.ask(name, client, pauses=False) for name in names))
    return len(names)
