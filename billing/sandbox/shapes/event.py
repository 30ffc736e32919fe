"""Events: what happened, with the whole object as it was then."""

from __future__ import annotations

import copy

from billing.sandbox.kinds import API_VERSION, Thing, new_id


def new(
    now: int, type: str, thing: Thing, before: Thing | None, request: Thing, pending: int
) -> Thing:
    """`before`: the object before it changed; the event shows which properties were different."""
    data: Thing = {"object": copy.deepcopy(thing)}
    if before is not None:
        data["previous_attributes"] = _previous(before, thing)
    return {
        "id": new_id("evt_1" if thing["object"] != "payment_intent" else "evt_3"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": pending,
        "request": request,
        "type": type,
    }


def _previous(before: Thing, after: Thing) -> Thing:
    return {name: old for name, old in before.items() if after.get(name) != old}
