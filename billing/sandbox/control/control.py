"""
The control endpoint. Bearer token, this machine only; bodies and answers are JSON.
A payment may be named by its intent (pi_…), its Checkout session (cs_…) or its charge (ch_…).

    GET    /control/payments               every intent: session, amounts, refunded, dispute
    GET    /control/requests               every API request: parameters, key, status, fault
    GET    /control/counters               charges made, cents received, refunded, disputed, …
    GET    /control/events                 every event, oldest first
    GET    /control/deliveries             every delivery: event, url, tries, status, state
    POST   /control/sessions/{id}/pay      {"number", "email", "save", "bank", "approve"}
    POST   /control/sessions/{id}/expire
    POST   /control/payments/{id}/refund   {"amount"}: as in the dashboard; cents, absent: the rest
    POST   /control/payments/{id}/dispute  {"amount", "reason"}
    POST   /control/payments/{id}/finish   {"outcome": "succeeded" | "failed"}: one that takes days
    POST   /control/refunds/{id}/fail      the customer's bank did not take it
    POST   /control/disputes/{id}/win      /control/disputes/{id}/lose
    POST   /control/events/{id}/deliver    {"times", "at_once"} → statuses
    POST   /control/policy                 {"mode": "send" | "hold" | "drop", "types", "copies"}
    POST   /control/release                {"order": "made" | "reversed" | "shuffled" | [events]}
    GET POST DELETE /control/faults        {"effect", "moment", "times", "method", "path",
                                            "seconds", "sticky"}; see faults.py
    GET POST /control/clock                {"move": seconds}
    POST   /control/reset                  forget everything
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from billing.sandbox.acts import checkout
from billing.sandbox.control import money, post
from billing.sandbox.control.wishes import Wish, bad
from billing.sandbox.faults import EFFECTS, MOMENTS, Fault
from billing.sandbox.kinds import Thing
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import Refusal

Deed = Callable[[Bank, Wish], Awaitable[Thing]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        found = [web.route(m, f"/control/{path}", self._guarded(deed)) for m, path, deed in DEEDS]
        return [web.get("/healthz", _health), *found]

    def _guarded(self, deed: Deed) -> Handler:
        """Only with the launcher's token; without one configured there is no such address."""
        token = self._bank.settings.token

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not token:
                raise web.HTTPNotFound
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), token.encode()):
                raise web.HTTPUnauthorized
            wish = Wish(request.match_info.get("id", ""), await _read(request))
            try:
                return web.json_response(await deed(self._bank, wish))
            except Refusal as refusal:
                return web.json_response({"error": refusal.error}, status=refusal.status)

        return guarded


async def faults(bank: Bank, wish: Wish) -> Thing:
    return {"faults": bank.faults.waiting()}


async def set_fault(bank: Bank, wish: Wish) -> Thing:
    fault = Fault(
        effect=wish.choice("effect", EFFECTS),
        moment=wish.choice("moment", MOMENTS, "before"),
        times=wish.integer("times", 1),
        method=wish.text("method", "").upper(),
        path=wish.text("path", ""),
        seconds=wish.number("seconds", 60.0),
        sticky=wish.truth("sticky"),
    )
    bank.faults.set(fault)
    return {"faults": bank.faults.waiting()}


async def clear_faults(bank: Bank, wish: Wish) -> Thing:
    bank.faults.clear()
    return {"faults": []}


async def clock(bank: Bank, wish: Wish) -> Thing:
    return {"now": bank.now(), "ahead": bank.clock.ahead()}


async def move_clock(bank: Bank, wish: Wish) -> Thing:
    """Sessions whose time is over now expire before the answer."""
    bank.clock.move(wish.number("move", 0.0))
    expired = checkout.expire_due(bank)
    return {"now": bank.now(), "ahead": bank.clock.ahead(), "expired": expired}


async def reset(bank: Bank, wish: Wish) -> Thing:
    await bank.deliveries.drop()
    bank.store.reset()
    return {}


DEEDS: tuple[tuple[str, str, Deed], ...] = (
    ("GET", "clock", clock),
    ("POST", "clock", move_clock),
    ("GET", "counters", money.counters),
    ("GET", "deliveries", post.deliveries),
    ("POST", "disputes/{id}/lose", money.lose),
    ("POST", "disputes/{id}/win", money.win),
    ("GET", "events", post.events),
    ("POST", "events/{id}/deliver", post.deliver),
    ("GET", "faults", faults),
    ("POST", "faults", set_fault),
    ("DELETE", "faults", clear_faults),
    ("GET", "payments", money.payments),
    ("POST", "payments/{id}/dispute", money.dispute),
    ("POST", "payments/{id}/finish", money.finish),
    ("POST", "payments/{id}/refund", money.refund),
    ("POST", "policy", post.policy),
    ("POST", "refunds/{id}/fail", money.fail_refund),
    ("POST", "release", post.release),
    ("GET", "requests", post.requests),
    ("POST", "reset", reset),
    ("POST", "sessions/{id}/expire", money.expire),
    ("POST", "sessions/{id}/pay", money.pay),
)


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _read(request: web.Request) -> Thing:
    if not request.can_read_body:
        return {}
    try:
        wish = await request.json()
    except json.JSONDecodeError:
        raise bad("the body must be JSON") from None
    if not isinstance(wish, dict):
        raise bad("the body must be an object")
    return wish
