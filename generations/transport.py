"""
The one door to the providers: sends what an adapter asks for, and says what became of it.

Adapters describe requests and read answers (`generations/providers/base.py`); here they are sent.
The question that matters is what a broken exchange means. "Certainly not sent" is a claim that
lets the same order be placed elsewhere, so it is made only for failures to connect; whatever
breaks later may have happened after the provider took the order.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
import time
from collections.abc import AsyncIterator
from typing import TypeVar

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from accounts import tallies
from accounts.crashpoints import crashpoint
from generations.providers.base import REPEATABLE, Busy, Exchange, ProviderError, Unclear

logger = logging.getLogger(__name__)

T = TypeVar("T")

LARGEST_ANSWER = 8 * 1024 * 1024  # bytes, unpacked
LONGEST_CONNECT = 10.0  # seconds
KEPT_ALIVE = 15.0  # seconds a connection may wait for its next question
LONGEST_SHOWN = 2048  # bytes of an unreadable answer, kept for staff
SHORTEST_SECRET = 16  # characters; what is shorter in a header is no key
LARGEST_PIECE = 256 * 1024  # bytes; a first frame of megabytes is not written in one go

#: Nothing can have left us. Each of these is raised before there is a connection.
NEVER_SENT = (
    aiohttp.ClientConnectorError,  # refused, unreachable, no such host, no TLS
    aiohttp.ConnectionTimeoutError,  # connecting, or waiting for a free connection
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
EXPECTED = (aiohttp.ClientError, httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError)


async def drive(exchange: Exchange[T], *, client: httpx.AsyncClient, timeout: float) -> T:
    """
    Send an adapter's requests, hand it the answers, return what it makes of them.

    What came of it is counted, and how long it took.

    :param timeout: seconds for each request, from connecting to the last byte of its answer.
    :raises ProviderError: and nothing else. Its `code` says where it broke: `not_reached` (nothing
        was sent), `no_answer` (sent, no whole answer), `adapter_error` (we could not read it).
    """
    began, outcome = time.perf_counter(), "cut off"
    try:
        result = await _driven(exchange, client, timeout)
        outcome = "answered"
        return result
    except ProviderError as error:
        outcome = type(error).__name__.lower()
        raise
    finally:
        _count(exchange, outcome, time.perf_counter() - began)


def _count(exchange: Exchange[T], outcome: str, seconds: float) -> None:
    """By the adapter's own names: an exchange of `Runware.look` is a look at runware."""
    company, _, call = str(getattr(exchange, "__qualname__", "")).rpartition(".")
    provider = company.rpartition(".")[2].lower()
    tallies.count("provider_calls", provider=provider, call=call, outcome=outcome)
    tallies.timed("provider_call_seconds", seconds, provider=provider, call=call)


async def _driven(exchange: Exchange[T], client: httpx.AsyncClient, timeout: float) -> T:
    may_have_cost = False
    answer: httpx.Response | None = None
    try:
        while True:
            request = next(exchange) if answer is None else exchange.send(answer)
            answer = None
            answer = await _ask(request, client, timeout, may_have_cost)
            may_have_cost = may_have_cost or not _is_repeatable(request)
    except StopIteration as end:
        result: T = end.value
        return result
    except ProviderError as error:
        if not error.raw and answer is not None:
            error.raw = _as_text(answer)
        raise
    except Exception:
        # One odd answer must not stop the loop that carries hundreds of other jobs.
        logger.exception("An adapter failed on an exchange")
    finally:
        exchange.close()
    broken = _broken("The answer could not be read.", "adapter_error", may_have_cost)
    broken.raw = {} if answer is None else _as_text(answer)
    raise broken


def run(exchange: Exchange[T], *, timeout: float) -> T:
    """One exchange, for commands and admin actions: `drive` without a loop of one's own."""

    async def once() -> T:
        async with new_client(connections=1) as client:
            return await drive(exchange, client=client, timeout=timeout)

    return asyncio.run(once())


def new_client(*, connections: int = 100) -> httpx.AsyncClient:
    """A client for one event loop: no proxies, cookies or redirects. To be closed by the caller."""
    return httpx.AsyncClient(transport=_Door(connections), trust_env=False, follow_redirects=False)


class _Door(httpx.AsyncBaseTransport):
    """
    Questions share kept connections, orders get a fresh one each.

    A server may close a kept connection in the moment we write to it, and then nobody can tell
    whether it read the order. A fresh connection leaves no such doubt.
    """

    def __init__(self, connections: int) -> None:
        kept = functools.partial(_session, connections, force_close=False)
        fresh = functools.partial(_session, connections, force_close=True)
        self._kept = AiohttpTransport(verify=_trusted(), client=kept)
        self._fresh = AiohttpTransport(verify=_trusted(), client=fresh)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        door = self._kept if _is_repeatable(request) else self._fresh
        return await door.handle_async_request(request)

    async def aclose(self) -> None:
        await self._kept.aclose()
        await self._fresh.aclose()


def _session(connections: int, *, force_close: bool) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        limit=connections,
        ssl=_trusted(),
        force_close=force_close,
        keepalive_timeout=None if force_close else KEPT_ALIVE,
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Loading the certificates takes tens of milliseconds, too long for every task's client."""
    return httpx.create_ssl_context()


async def _ask(
    request: httpx.Request, client: httpx.AsyncClient, timeout: float, may_have_cost: bool
) -> httpx.Response:
    """
    :param may_have_cost: whether an order was sent earlier in this exchange.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _sent(request, client, timeout)
    except Exception as error:
        reason = _reason(error)
        if not isinstance(error, EXPECTED):
            logger.exception("A request broke in an unexpected way")
    # Raised outside of the handler: the chain of aiohttp's errors carries our headers.
    if isinstance(reason, NEVER_SENT):
        raise _broken(type(reason).__name__, "not_reached", may_have_cost)
    may_have_cost = may_have_cost or not _is_repeatable(request)
    raise _broken(type(reason).__name__, "no_answer", may_have_cost)


async def _sent(
    request: httpx.Request, client: httpx.AsyncClient, timeout: float
) -> httpx.Response:
    response = await client.send(_prepared(request, timeout), stream=True, follow_redirects=False)
    paid = not _is_repeatable(request)
    if paid:
        crashpoint("CP7")
    try:
        answer = await _whole(response)
    finally:
        await response.aclose()
    if paid:
        crashpoint("CP8")
    return answer


def _prepared(request: httpx.Request, timeout: float) -> httpx.Request:
    content = request.read()
    is_large = len(content) > LARGEST_PIECE
    # Connecting gets at most half of the time, so that when all of it is over, it is over for an
    # answer: the total alone could not tell the two apart.
    connect = min(LONGEST_CONNECT, timeout / 2)
    limits = httpx.Timeout(timeout, connect=connect, pool=connect)
    headers = httpx.Headers(request.headers)
    headers.setdefault("User-Agent", "Reelay")
    headers["Accept-Encoding"] = "identity"
    return httpx.Request(
        request.method,
        request.url,
        headers=headers,
        content=None if is_large else content,
        stream=_Pieces(content) if is_large else None,
        extensions={**request.extensions, "timeout": limits.as_dict()},
    )


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), LARGEST_PIECE):
            yield self._content[start : start + LARGEST_PIECE]


async def _whole(response: httpx.Response) -> httpx.Response:
    """The same answer, read: without its body where that is too large to be a real one."""
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > LARGEST_ANSWER:
            logger.warning("A provider's answer was too large to be read")
            content.clear()
            break
    headers = httpx.Headers(response.headers)
    for name in ("content-encoding", "content-length", "transfer-encoding"):
        headers.pop(name, None)
    return httpx.Response(
        response.status_code, headers=headers, content=bytes(content), request=response.request
    )


def _as_text(answer: httpx.Response) -> dict[str, object]:
    """What an adapter could not read, for staff: its beginning, without the keys we had sent."""
    text = answer.content[:LONGEST_SHOWN].decode("utf-8", "replace").replace("\0", "\ufffd")
    for value in answer.request.headers.values():
        secret = value.rpartition(" ")[2]
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return {"status": answer.status_code, "text": text}


def _reason(error: Exception) -> BaseException:
    """
    What really happened.

    httpx-aiohttp turns a server that hung up on us (`ServerDisconnectedError`) into a
    `ConnectTimeout`, as if nothing had been sent; the error it was made from tells the truth.
    """
    return error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error


def _broken(message: str, code: str, may_have_cost: bool) -> ProviderError:
    if may_have_cost:
        return Unclear(message, code=code)
    return Busy(message, code=code)


def _is_repeatable(request: httpx.Request) -> bool:
    return request.method in ("GET", "HEAD") or request.extensions.get(REPEATABLE) is True
