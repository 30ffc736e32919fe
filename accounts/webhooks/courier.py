"""
Sends one delivery, and says what became of it.

No redirect is followed and no proxy of the environment used. Only a 2xx counts, whatever the body
says: little of it is read, and kept only where it comes from the public Internet, as what a
private address says is nobody's to see.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import httpx

from accounts.outbound.addresses import Guard
from accounts.outbound.connector import Names, guarded
from accounts.outbound.errors import FetchError
from accounts.outbound.names import Resolver
from accounts.outbound.urls import Target
from accounts.webhooks import addresses, schedule
from accounts.webhooks.parcels import Parcel

#: Seconds, and bytes and characters of an answer.
CONNECT, TOTAL = 3.0, 15.0
MOST_READ, MOST_SHOWN = 4096, 500
GONE = 410


@dataclass(slots=True)
class Outcome:
    """What an endpoint answered; `status` is None where it did not."""

    status: int | None = None
    seconds: float = 0.0
    error: str = ""
    body: str | None = None
    retry_after: float | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Courier:
    """For one event loop; to be closed."""

    def __init__(
        self, guard: Guard, resolve: Resolver, *, connections: int, total: float = TOTAL
    ) -> None:
        self._total = total
        self._names = Names(guard, resolve)
        self._client = guarded(self._names, connections=connections)

    async def close(self) -> None:
        await self._client.aclose()

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Never raises: whatever one endpoint does, the others are told."""
        outcome, begun = Outcome(error=parcel.trouble), time.monotonic()
        try:
            async with asyncio.timeout(self._total):
                if not parcel.trouble:
                    await self._exchange(parcel, outcome)
        except Exception as error:
            # An answer that began is one, even if the rest of it never came.
            outcome.error = "" if outcome.status else _reason(error)
        outcome.seconds = time.monotonic() - begun
        return outcome

    async def _exchange(self, parcel: Parcel, outcome: Outcome) -> None:
        target = addresses.target(parcel.held.row.url)
        response = await self._client.send(_request(target, parcel), stream=True)
        try:
            outcome.status = response.status_code
            outcome.retry_after = schedule.retry_after(
                response.headers.get("retry-after"), now=datetime.now(UTC)
            )
            if self._names.is_public(target.host, target.port):
                await _read(response, outcome)
        finally:
            await response.aclose()


def _request(target: Target, parcel: Parcel) -> httpx.Request:
    limits = httpx.Timeout(TOTAL, connect=CONNECT)
    return httpx.Request(
        "POST",
        target.url,
        headers=parcel.headers(datetime.now(UTC)),
        content=parcel.body.encode(),
        extensions={"timeout": limits.as_dict()},
    )


async def _read(response: httpx.Response, outcome: Outcome) -> None:
    """The beginning of it, as it comes in."""
    read = b""
    async for piece in response.aiter_raw():
        read = (read + piece)[:MOST_READ]
        outcome.body = read.decode("utf-8", "replace").replace("\0", "\ufffd")[:MOST_SHOWN]
        if len(read) == MOST_READ:
            return


def _reason(error: Exception) -> str:
    """In a sentence for the endpoint's owner; aiohttp's own words may carry our headers."""
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    for kind, said in REASONS:
        if isinstance(cause, kind):
            return said or str(cause)
    return "The connection was lost before there was an answer."


#: The first that fits; "" where the error has a sentence of its own.
REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (FetchError, ""),
    (aiohttp.ClientSSLError, "No secure connection could be made."),
    ((aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError), "Nobody answers there."),
    (TimeoutError, "There was no answer in time."),
    (aiohttp.ClientResponseError, "The answer was not HTTP."),
)
