"""Webhook endpoints, and which events each one wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from billing.sandbox.kinds import API_VERSION, Thing, new_id


def new(now: int, url: str, events: Sequence[str], values: Mapping[str, object]) -> Thing:
    """`secret` is not in it: it is shown once, when the endpoint is made."""
    return {
        "id": new_id("we_1"),
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": now,
        "description": None,
        "enabled_events": list(events),
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        **values,
    }


def new_secret() -> str:
    return new_id("whsec_", 32)


def wants(endpoint: Thing, type: str) -> bool:
    enabled = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in enabled or type in enabled)
