"""
The only place that opens a socket to somewhere a stranger chose.

A name is resolved once, every address it resolves to is judged, the connection goes to a judged
address and to no other, and the socket is asked afterwards whom it really reached. So neither an
odd spelling nor a name that changes its mind (rebinding) leads inside. Names stay what they are
for TLS and the Host header.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

from accounts.outbound import names
from accounts.outbound.addresses import Guard, as_address
from accounts.outbound.errors import ForbiddenAddress, Unreachable
from accounts.outbound.names import MAX_TRIES, RESOLVE_TIMEOUT, Resolver, system_resolver

#: One read. httpcore asks for 64 KiB, which makes Python the slowest part of a fast line.
READ_BYTES = 512 * 1024


class Deadline:
    """A moment after which nothing waits any more, however slowly bytes drip in."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Seconds left, never zero. :raises Unreachable: when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable("The file took too long to arrive.")
        return left if at_most is None else min(left, at_most)


class Wire(httpcore.NetworkBackend):
    """httpcore's way out, guarded."""

    def __init__(
        self,
        *,
        guard: Guard,
        deadline: Deadline,
        resolve: Resolver = system_resolver,
    ) -> None:
        self._guard = guard
        self._deadline = deadline
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """
        A connection to a judged address of `host`.

        :raises ForbiddenAddress: if any address of the name is not permitted.
        :raises Unreachable: if there is none, or none answers in time.
        """
        addresses = self._addresses(host, port)
        names.judge(addresses, host=host, port=port, guard=self._guard)
        return Stream(self._dial(addresses[:MAX_TRIES], host, port, timeout), self._deadline)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        answer = names.looked_up(self._resolve, host, port)
        try:
            return names.found(host, answer.result(self._deadline.left(RESOLVE_TIMEOUT)))
        except TimeoutError:
            raise names.unknown(host) from None

    def _dial(
        self, addresses: Sequence[str], host: str, port: int, timeout: float | None
    ) -> socket.socket:
        limit = Deadline(self._deadline.left(timeout))
        for tried, address in enumerate(addresses):
            try:
                names.refuse_ourselves(address, host=host, port=port, guard=self._guard)
                fair_share = limit.left() / (len(addresses) - tried)
                connection = socket.create_connection((address, port), fair_share)
            except OSError:
                continue
            _confirm(connection, address, port)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        raise Unreachable(f"{host} does not answer.")


class Stream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._socket = connection
        self._deadline = deadline
        self._silent = True

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(self._deadline.left())
            received = self._socket.recv(READ_BYTES)
        except OSError as error:
            raise _lost(error) from error
        if not received and self._silent:
            raise Unreachable("The connection was closed without an answer.")
        self._silent = False
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._socket.settimeout(self._deadline.left())
            self._socket.sendall(buffer)
        except OSError as error:
            raise _lost(error) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Stream:
        try:
            self._socket.settimeout(self._deadline.left(timeout))
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            self._socket.close()
            raise Unreachable("No secure connection could be made.") from error
        return Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return None  # no connection is ever reused, so nobody asks


def _confirm(connection: socket.socket, address: str, port: int) -> None:
    """Whom did we really reach?"""
    peer, peer_port = connection.getpeername()[:2]
    if (as_address(peer), peer_port) != (as_address(address), port):
        connection.close()
        raise ForbiddenAddress("The connection was led to another address.")


def _lost(error: OSError) -> Unreachable:
    if isinstance(error, TimeoutError):
        return Unreachable("The file took too long to arrive.")
    return Unreachable("The connection was lost.")
