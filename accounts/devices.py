"""What somebody sits at, in words they know: read from what the browser says of itself."""

from __future__ import annotations

import ipaddress

#: The first that is found names it: many browsers say that they are others, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "Linux",
}


def named(user_agent: str) -> str:
    """Such as “Firefox on a Mac”."""
    browser, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A program"


def place_of(address: str) -> str:
    """Where an address is, as far as it says so itself; empty for one of the internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.is_loopback:
        return "this machine"
    return "the local network" if found.is_private else ""


def _first(known: dict[str, str], text: str) -> str:
    return next((name for sign, name in known.items() if sign in text), "")
