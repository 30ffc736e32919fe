"""
aiohttp's way out, guarded: what is sent on an event loop to where a stranger chose.

A name is resolved once for each connection, every address it resolves to is judged, and a socket
is made for a judged address only. So neither an odd spelling nor a name that changes its mind
(rebinding) leads inside. Connections are not kept, so that each delivery is judged anew.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from collections.abc import Sequence
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

from accounts.outbound import names
from accounts.outbound.addresses import Guard, is_public
from accounts.outbound.errors import Unreachable
from accounts.outbound.names import MAX_TRIES, RESOLVE_TIMEOUT, Resolver


class Names(AbstractResolver):
    """What names lead to, as far as we may go there, and the sockets for it."""

    def __init__(self, guard: Guard, resolve: Resolver) -> None:
        self._guard, self._resolve = guard, resolve
        self._judged: set[tuple[str, int]] = set()  # addresses and ports
        self._private: set[tuple[str, int]] = set()  # names (or addresses) and ports

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """
        :raises ForbiddenAddress: if any address of the name is not permitted.
        :raises Unreachable: if there is none.
        """
        answer = asyncio.wrap_future(names.looked_up(self._resolve, host, port))
        try:
            addresses = names.found(host, await asyncio.wait_for(answer, RESOLVE_TIMEOUT))
        except TimeoutError:
            raise names.unknown(host) from None
        return [_result(host, one, port) for one in self._permitted(addresses, host, port)]

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """One to an address that was judged; aiohttp asks no resolver about a literal one."""
        family, kind, protocol, _, (address, port, *_) = info
        if (address, port) not in self._judged:
            self._permitted([address], address, port)
        return socket.socket(family, kind, protocol)

    def is_public(self, host: str, port: int) -> bool:
        """Whether it led to the public Internet only, not to what the operator allows."""
        return (host, port) not in self._private

    async def close(self) -> None:
        """Nothing is held."""

    def _permitted(self, addresses: Sequence[str], host: str, port: int) -> list[str]:
        names.judge(addresses, host=host, port=port, guard=self._guard)
        ways = [one for one in addresses[:MAX_TRIES] if self._is_a_way(one, host, port)]
        if not ways:
            raise Unreachable(f"There is no way to {host}.")
        if not all(map(is_public, ways)):
            self._private.add((host, port))
        self._judged.update((one, port) for one in ways)
        return ways

    def _is_a_way(self, address: str, host: str, port: int) -> bool:
        try:
            names.refuse_ourselves(address, host=host, port=port, guard=self._guard)
        except OSError:
            return False
        return True


def guarded(guarding: Names, *, connections: int) -> aiohttp.ClientSession:
    """For one event loop: no proxies and no cookies. To be closed by the caller."""
    connector = aiohttp.TCPConnector(
        limit=connections,
        ssl=_trusted(),
        resolver=guarding,
        use_dns_cache=False,
        socket_factory=guarding.socket,
        force_close=True,
    )
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )
