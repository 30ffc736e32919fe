"""The sandbox is a double for tests on one machine: it calls nobody else."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host, as written, is this machine; names are not looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_web_address(text: str) -> bool:
    """Whether this is an absolute http or https address."""
    if len(text) > 5000 or any(c.isspace() for c in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_here(address: str) -> bool:
    """Whether a web address is on this machine."""
    return is_web_address(address) and is_loopback(urlsplit(address).hostname or "")
