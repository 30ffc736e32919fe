"""Which addresses a stranger's URL may lead us to: public ones, and what the operator allows."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges addresses. `allow` holds the host and port pairs reachable although private."""

    allow: frozenset[tuple[str, int]] = frozenset()

    def allows(self, host: str, port: int) -> bool:
        """Whether the operator named exactly this host (a name or an address) and port."""
        return (host, port) in self.allow

    def permits(self, address: str, *, host: str, port: int) -> bool:
        """Whether `address`, which `host` resolved to, may be connected to."""
        return is_public(address) or self.allows(host, port) or self.allows(address, port)


def parse_allow(text: str) -> frozenset[tuple[str, int]]:
    """
    The pairs of OUTBOUND_ALLOW, such as `127.0.0.1:9000,localhost:8010,[::1]:9000`.

    :raises ValueError: if a pair has no host or no port, naming it.
    """
    return frozenset(_pair(item.strip()) for item in text.split(",") if item.strip())


def is_public(ip: str | Address) -> bool:
    """
    Whether this is an ordinary address of the public Internet, whoever it belongs to.

    An IPv6 address that carries an IPv4 one is as public as what it carries. Text that is not
    an address is not public.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return _is_public_v4(address)
    return _is_public_v6(address)


def as_address(host: str) -> str | None:
    """The one spelling of an IP address, or None where `host` is a name (or nonsense)."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _pair(item: str) -> tuple[str, int]:
    host, _, port = item.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").rstrip(".").lower()
    if not host or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ValueError(f"{item!r} is not a host:port pair")
    return as_address(host) or host, int(port)


# `is_global` alone lets seven of these classes through (reliability.md M16), and its answers
# change between Python versions. So both must agree: the library, and this list.
NOT_PUBLIC_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for loopback
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, public in form only
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments, and Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

#: Only this eighth of IPv6 is handed out; everything else is special or unknown.
UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, benchmarks, ORCHID (Teredo is judged before)
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

#: Networks whose last 32 bits are an IPv4 address.
CARRIERS_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::/96",  # IPv4-compatible; holds :: and ::1 too
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
    )
)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in NOT_PUBLIC_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if carried := list(_carried(address)):
        return all(_is_public_v4(inner) for inner in carried)
    return (
        address in UNICAST_V6
        and address.is_global
        and not any(address in network for network in NOT_PUBLIC_V6)
    )


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    if any(address in network for network in CARRIERS_V6):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo  # the server and the client, both of whom we would talk to
