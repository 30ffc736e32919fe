"""Carries one signed body to an address on this machine."""

from __future__ import annotations

import logging
import time

import aiohttp

from billing.sandbox.listeners import Listener
from billing.sandbox.loopback import is_here
from billing.sandbox.signature import sign

log = logging.getLogger(__name__)

ANSWER_WITHIN = 20.0

#: So many requests are open at once.
MOST_AT_ONCE = 200


class Courier:
    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def carry(self, payload: str, listener: Listener) -> int:
        """The answer's status; 0 when there was none."""
        if not is_here(listener.url):
            log.error("refusing to call %s, which is not on this machine", listener.url)
            return 0
        try:
            async with self._open().post(
                listener.url,
                data=payload.encode(),
                headers=_headers(payload, listener.secret),
                allow_redirects=False,
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN, ceil_threshold=60)
            connector = aiohttp.TCPConnector(limit=MOST_AT_ONCE)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self._session


def _headers(payload: str, secret: str) -> dict[str, str]:
    """Signed with the machine's time even when the sandbox's clock is moved, as receivers check."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": sign(payload, secret, int(time.time())),
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
