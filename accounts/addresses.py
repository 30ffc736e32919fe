"""
From which address a request comes: the one place that decides it.

Without a proxy that is whoever opened the connection. Behind one (`BEHIND_PROXY`) it is the last
address of X-Forwarded-For: the one our proxy added. Whatever stands before it the caller may have
written, so it is never looked at; with two proxies in a row the outer one is taken for the caller
unless the inner one is told to hand on what it got.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

#: Some proxies add the port: `203.0.113.7:4711`, `[2001:db8::7]:4711`.
WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+", re.ASCII)


def of(request: HttpRequest | Request) -> str | None:
    """The caller's address, or None where it cannot be known."""
    told = request.META.get("HTTP_X_FORWARDED_FOR") if settings.BEHIND_PROXY else None
    return _address((told or request.META.get("REMOTE_ADDR") or "").rpartition(",")[2])


def network(text: str) -> str:
    """An address or a network as it is stored. Raises ValueError saying what is wrong with it."""
    said = f"“{text[:50]}” is no address and no network such as 203.0.113.0/24 or 2001:db8::/32."
    if "%" in text:  # a zone means something on one machine only
        raise ValueError(said)
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError(said) from None


def among(address: str | None, networks: Sequence[str]) -> bool:
    """Whether it lies in one of them; an address that is not known lies in none."""
    if address is None:
        return False
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(one) for one in networks)


def within(inner: str, outer: Sequence[str]) -> bool:
    """Whether a whole network lies in one of the others."""
    mine = ipaddress.ip_network(inner)
    theirs = [ipaddress.ip_network(one) for one in outer]
    return any(
        mine.version == one.version and mine.subnet_of(one)  # type: ignore[arg-type]
        for one in theirs
    )


def _address(text: str) -> str | None:
    """As it is stored: IPv4 that comes wrapped in IPv6 is IPv4."""
    if match := WITH_PORT.fullmatch(text.strip()):
        text = match[1] or match[2]
    try:
        found = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    inside = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(inside or found)
