"""Where customers may have us send: judged by its text; the connection is judged again."""

from __future__ import annotations

from accounts.outbound.allowed import guard
from accounts.outbound.errors import ForbiddenAddress
from accounts.outbound.urls import Target, parse


def target(url: str) -> Target:
    """
    The parts of the address of a webhook: https, or what the operator allows.

    :raises ForbiddenAddress: saying which rule it breaks.
    """
    allowed = guard()
    found = parse(url, allowed)
    if found.scheme != "https" and not allowed.allows(found.host, found.port):
        raise ForbiddenAddress("The link must begin with https://.")
    return found
