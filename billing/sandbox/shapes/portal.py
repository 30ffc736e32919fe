"""Customer portal sessions."""

from __future__ import annotations

from billing.sandbox.kinds import Thing, new_id

#: An address of the portal is good for so many seconds.
LIVES = 3600


def new(now: int, customer: str, return_url: str | None, url: str) -> Thing:
    return {
        "id": new_id("bps_1"),
        "object": "billing_portal.session",
        "configuration": "bpc_sandbox",
        "created": now,
        "customer": customer,
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": return_url,
        "url": url,
    }


def is_over(session: Thing, now: int) -> bool:
    return now >= int(session["created"]) + LIVES
