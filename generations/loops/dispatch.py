"""queued → a provider: fetch the first frame, choose the route, write the attempt, send it."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx

from generations import connect, deadlines, frames, health, lifecycle, moves, routing, sending
from generations.claims import Claim, kept, take
from generations.loops.concurrency import in_database, side_by_side
from generations.models import Attempt, Generation
from generations.providers.base import (
    Busy,
    Misconfigured,
    ProviderError,
    Refused,
    RenderOrder,
)
from generations.transport import drive

#: nobody can take it now: ask again after this long
NO_ROUTE_WAIT = timedelta(seconds=5)
MOST_WAIT = 60.0

Held = Claim[Generation]


def run(*, limit: int = 50, now: datetime | None = None) -> int:
    """Send what is due. Returns how many rows were taken up."""
    claims = take(Generation, where="state = 'queued'", limit=limit, now=now)
    if claims:
        with kept(claims):
            side_by_side(lambda client: (send(claim, client) for claim in claims))
    return len(claims)


async def send(claim: Held, client: httpx.AsyncClient) -> None:
    """Send one order and write down what came of it."""
    if begun := await in_database(_begin, claim):
        attempt, order = begun
        await send_attempt(claim, attempt, order, client)


async def send_attempt(
    claim: Held, attempt: Attempt, order: RenderOrder, client: httpx.AsyncClient
) -> None:
    """One sending of one attempt; what the provider says decides the next state."""
    provider = connect.provider(attempt.provider)
    try:
        answer = await drive(provider.submit(order), client=client, timeout=connect.SUBMIT_TIMEOUT)
    except ProviderError as error:
        await in_database(_not_accepted, claim, attempt, error)
    else:
        await in_database(lifecycle.accepted, claim, attempt=attempt, answer=answer)
        await in_database(health.fine, attempt.provider)


def _begin(claim: Held) -> tuple[Attempt, RenderOrder] | None:
    if code := deadlines.passed(claim.row, now=claim.now, lookup=False):
        lifecycle.failed(claim, code=code)
        return None
    if not frames.ready(claim):
        return None
    open_routes = routing.open_routes(claim.row, at=claim.now)
    if not open_routes:
        moves.stay(claim.row, token=claim.token, due_at=claim.now + NO_ROUTE_WAIT)
        return None
    attempt = lifecycle.begin(claim, route=open_routes[0])
    if attempt is None:
        return None
    return attempt, sending.render_order(claim.row, attempt)


def _not_accepted(claim: Held, attempt: Attempt, error: ProviderError) -> None:
    """What each kind of error asks for; see `providers/base.py`."""
    if isinstance(error, Refused):
        lifecycle.refused(claim, error=error)
    elif isinstance(error, Misconfigured):
        health.pause(attempt.provider, error)
        lifecycle.returned(claim, attempt=attempt, error=error, wait=timedelta(0))
    elif isinstance(error, Busy):
        wait = error.retry_after or min(MOST_WAIT, 2.0**attempt.number)
        lifecycle.returned(claim, attempt=attempt, error=error, wait=timedelta(seconds=wait))
    else:
        lifecycle.unclear(claim, attempt=attempt, error=error)
