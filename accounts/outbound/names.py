"""What a name leads to, and whether we may go there: the same for every way out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from accounts import security
from accounts.outbound.addresses import Guard
from accounts.outbound.errors import ForbiddenAddress, Unreachable

Resolver = Callable[[str, int], Sequence[str]]

#: Seconds a name may take to resolve.
RESOLVE_TIMEOUT = 3.0
#: Addresses of one name that are tried, in the resolver's order.
MAX_TRIES = 4


def system_resolver(host: str, port: int) -> list[str]:
    """What this machine thinks the name means, each address once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def looked_up(resolve: Resolver, host: str, port: int) -> Future[Sequence[str]]:
    """The addresses, once they are known; none where the name means nothing."""
    # getaddrinfo cannot be interrupted, so it is left behind in its thread when it is late.
    answer: Future[Sequence[str]] = Future()
    threading.Thread(target=_ask, args=(resolve, host, port, answer), daemon=True).start()
    return answer


def found(host: str, addresses: Sequence[str]) -> Sequence[str]:
    """:raises Unreachable: if there are none."""
    if not addresses:
        raise unknown(host)
    return addresses


def unknown(host: str) -> Unreachable:
    return Unreachable(f"The name {host} cannot be resolved.")


def judge(addresses: Sequence[str], *, host: str, port: int, guard: Guard) -> None:
    """:raises ForbiddenAddress: if any of the addresses is not permitted."""
    if not all(guard.permits(address, host=host, port=port) for address in addresses):
        security.note("address.refused", host=host)
        raise ForbiddenAddress(f"{host} leads to an address that is not public.")


def refuse_ourselves(address: str, *, host: str, port: int, guard: Guard) -> None:
    """
    A public address of this very machine would be reached from inside its firewall.

    :raises ForbiddenAddress:
    :raises OSError: there is no way there at all.
    """
    if guard.allows(host, port) or guard.allows(address, port):
        return
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((address, port))  # chooses a route and sends nothing
        if probe.getsockname()[0] == address:
            raise ForbiddenAddress(f"{host} leads to this machine itself.")


def _ask(resolve: Resolver, host: str, port: int, answer: Future[Sequence[str]]) -> None:
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        addresses = ()
    if answer.set_running_or_notify_cancel():
        answer.set_result(addresses)
