"""Faults of a whole request, the same for every company: cut, slow, 5xx, not JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.knobs import Settings

HTML = (
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Bad gateway</h1></body></html>"
)

#: A proxy in front of the provider answers these, and proxies speak HTML.
PROXY = frozenset({502, 504, *range(520, 528)})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused before anything is accepted; each company has its words for it."""

    reason: str
    status: int
    code: str | None = None
    retry_after: int | None = None
    message: str | None = None


#: Writes a refusal of the whole request in the company's own form.
Writer = Callable[[Refusal], web.Response]

#: These concern one order among several; the others are about the whole request.
_OF_ONE_ORDER = {
    "insufficient-credits": Refusal("insufficient_credits", 402),
    "model-unavailable": Refusal("model_unavailable", 503),
    "moderation-submit": Refusal("content_policy", 400),
    "provider-wallet-empty": Refusal("provider_wallet_empty", 402),
    "quota-403": Refusal("insufficient_user_quota", 403),
    "spend-limit": Refusal("spend_limit", 429),
    "submit-code": Refusal("told", 200),
}

BEFORE_ALL = ("cut-before-accept", "error-before", "429", "429-retry-after", "invalid-key")
BEFORE_ONE = tuple(_OF_ONE_ORDER)


def of_one_order(settings: Settings) -> Refusal | None:
    """Why this order is refused, while others in the same request may be accepted."""
    for name, refusal in _OF_ONE_ORDER.items():
        if name in settings:
            return replace(refusal, code=knobs.chosen(settings, name))
    return None


async def before(request: web.Request, settings: Settings, write: Writer) -> web.Response | None:
    """The answer to a request nothing of which is accepted, or None to go on."""
    if "cut-before-accept" in settings:
        return cut(request)
    if status := knobs.number(settings, "error-before"):
        return broken(int(status), write)
    if seconds := knobs.number(settings, "429-retry-after"):
        return write(Refusal("rate_limited", 429, retry_after=int(seconds)))
    if "429" in settings:
        return write(Refusal("rate_limited", 429))
    if "invalid-key" in settings:
        return write(Refusal("invalid_key", 401))
    return None


async def after(request: web.Request, settings: Settings, write: Writer) -> web.Response | None:
    """What the client gets although its order was accepted, or None for the true answer."""
    if seconds := knobs.number(settings, "submit-latency"):
        await asyncio.sleep(seconds)
    if "cut-after-accept" in settings:
        return cut(request)
    if status := knobs.number(settings, "error-after"):
        return broken(int(status), write)
    if status := knobs.number(settings, "html-body"):
        return page(int(status))
    return web.Response(content_type="application/json") if "empty-body" in settings else None


async def polling(request: web.Request, settings: Settings, write: Writer) -> web.Response | None:
    """What a question gets instead of its answer."""
    if seconds := knobs.number(settings, "poll-latency"):
        await asyncio.sleep(seconds)
    if "poll-cut" in settings:
        return cut(request)
    if status := knobs.number(settings, "poll-error"):
        return broken(int(status), write)
    if "poll-html" in settings:
        return page(200)
    return web.Response(content_type="application/json") if "poll-empty" in settings else None


def cut(request: web.Request) -> web.Response:
    """Reset the connection. The answer returned is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def page(status: int) -> web.Response:
    return web.Response(status=status, text=HTML, content_type="text/html")


def broken(status: int, write: Writer) -> web.Response:
    """An HTTP error, as HTML where a proxy would write it."""
    if status in PROXY:
        return page(status)
    reasons = {401: "invalid_key", 429: "rate_limited", 503: "overloaded"}
    return write(Refusal(reasons.get(status, "server_error"), status))
