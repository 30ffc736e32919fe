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
from yarl import URL

from accounts.outbound.addresses import Guard
from accounts.outbound.connector import Names, guarded
from accounts.outbound.errors import FetchError
from accounts.outbound.names import Resolver
from accounts.webhooks import addresses, schedule
from accounts.webhooks.parcels import Parcel

#: Seconds, and bytes and characters of an answer.
CONNECT, TOTAL = 3.0, 15.0
MOST_READ, MOST_SHOWN = 4096, 500
LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT)  # the whole is timed here
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
        self._session = guarded(self._names, connections=connections)

    async def close(self) -> None:
        await self._session.close()

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
        target, now = addresses.target(parcel.held.row.url), datetime.now(UTC)
        async with self._session.post(
            URL(target.url, encoded=True),
            data=parcel.body.encode(),
            headers=parcel.headers(now),
            allow_redirects=False,
            auto_decompress=False,
            timeout=LIMITS,
        ) as response:
            outcome.status = response.status
            asked = response.headers.get("retry-after")
            outcome.retry_after = schedule.retry_after(asked, now=now)
            if self._names.is_public(target.host, target.port):
                await _read(response.content, outcome)


async def _read(body: aiohttp.StreamReader, outcome: Outcome) -> None:
    """The beginning of it, as it comes in."""
    read = b""
    async for piece in body.iter_any():
        read = (read + piece)[:MOST_READ]
        outcome.body = read.decode("utf-8", "replace").replace("\0", "\ufffd")[:MOST_SHOWN]
        if len(read) == MOST_READ:
            return


def _reason(error: Exception) -> str:
    """In a sentence for the endpoint's owner; aiohttp's own words may carry our headers."""
    for kind, said in REASONS:
        if isinstance(error, kind):
            return said or str(error)
    return "The connection was lost before there was an answer."


#: The first that fits; "" where the error has a sentence of its own.
REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (FetchError, ""),
    (aiohttp.ClientSSLError, "No secure connection could be made."),
    ((aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError), "Nobody answers there."),
    (TimeoutError, "There was no answer in time."),
    (aiohttp.ClientResponseError, "The answer was not HTTP."),
)
