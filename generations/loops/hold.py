"""Providers that answer only when the clip is rendered: requests held open for minutes."""

from __future__ import annotations

from functools import partial

import httpx

from accounts.concurrency import in_database
from generations import lifecycle
from generations.loops.dispatch import hand_out, prepare, send_attempt
from generations.loops.session import Held, Sessions
from generations.models import Attempt


def run(sessions: Sessions | None = None) -> int:
    """
    Send what is due and hold on until all of it is answered, taking up more meanwhile.

    Returns how many were sent; 0 where this process is at it already.
    """
    return (sessions or _sessions).run(partial(hand_out, blocking=True))


async def send(claim: Held, attempt: Attempt, client: httpx.AsyncClient) -> None:
    """Send one order, and hold on."""
    order = await in_database(prepare, claim, attempt)
    if order is None:
        return
    if await in_database(lifecycle.handed_over, claim, attempt=attempt):
        await send_attempt(claim, attempt, order, client)


_sessions = Sessions(send)
