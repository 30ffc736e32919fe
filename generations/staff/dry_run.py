"""A provider tried without paying: what would be sent, and whether our key opens."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import httpx

from billing import money
from generations import connect, transport
from generations.providers.base import Provider, ProviderError, RenderOrder

#: Headers whose values anybody may see.
HARMLESS = {"content-type", "content-length", "accept", "host"}


@dataclass(frozen=True, slots=True)
class Trial:
    """The request of a first clip as it would leave us, and what a free question answered."""

    request: str
    answer: str


def try_out(name: str) -> Trial:
    """Nothing that costs is sent. To be called outside of any transaction."""
    provider = connect.provider(name)
    return Trial(request=_shown(_first_request(provider)), answer=_asked(provider))


def _first_request(provider: Provider) -> httpx.Request:
    route = next(one for one in provider.capabilities.routes if one.mode == "text-to-video")
    resolution, duration = sorted(route.sizes)[0]
    order = RenderOrder(
        token=uuid.uuid4(),
        model=route.model,
        mode=route.mode,
        prompt="A paper boat on a pond",
        resolution=resolution,
        duration=duration,
    )
    exchange = provider.submit(order)
    request = next(exchange)
    exchange.close()
    return request


def _shown(request: httpx.Request) -> str:
    headers = [
        f"{name}: {value if name.lower() in HARMLESS else '***'}"
        for name, value in request.headers.items()
    ]
    body = request.read().decode(errors="replace")
    return "\n".join([f"{request.method} {request.url}", *headers, "", body])


def _asked(provider: Provider) -> str:
    """The balance, where it is told for free; it takes our key."""
    if not provider.tells_balance:
        return "It tells no balance: only a paid order shows whether our key opens."
    try:
        balance = transport.run(provider.balance(), timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        return f"It did not tell our balance: {error.code}: {error.message}"
    return f"Our key opens; we have {money.usd(money.from_decimal(balance))} USD with it."
