"""
The control endpoint: what tests and the launcher ask and set. Bearer token, this machine only.

    GET    /control/jobs       every task: uuid, state, POSTs seen, billed, prompt
    GET    /control/counters   what has happened, by name
    GET    /control/knobs      the table of knobs, and the rules that are set
    POST   /control/knobs      {"provider", "knobs": {name: value}, "times": N}; no times: always
    DELETE /control/knobs      clear all rules
    POST   /control/balance    {"provider", "usd": 12.5}
    POST   /control/keys       {"provider", "bad": [keys]}
    POST   /control/forge      {"url", "body", "headers"}: send a webhook that nobody owes
    POST   /control/reset      forget everything
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.knobs import ALWAYS, TABLE
from generations.sandbox.loopback import is_here, is_web_address
from generations.sandbox.parts import Parts

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        guarded: list[tuple[str, str, Handler]] = [
            ("GET", "jobs", self.jobs),
            ("GET", "counters", self.counters),
            ("GET", "knobs", self.knobs),
            ("POST", "knobs", self.set_knobs),
            ("DELETE", "knobs", self.clear_knobs),
            ("POST", "balance", self.balance),
            ("POST", "keys", self.keys),
            ("POST", "forge", self.forge),
            ("POST", "reset", self.reset),
        ]
        routes = [web.route(m, f"/control/{path}", self._guarded(h)) for m, path, h in guarded]
        return [web.get("/healthz", self.health), *routes]

    async def health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def jobs(self, request: web.Request) -> web.Response:
        return web.json_response({"jobs": self._parts.records.everything()})

    async def counters(self, request: web.Request) -> web.Response:
        rendered = {"clips.rendered": self._parts.renderer.made}
        return web.json_response({**self._parts.notes.counters(), **rendered})

    async def knobs(self, request: web.Request) -> web.Response:
        table = [asdict(knob) for knob in TABLE]
        return web.json_response({"table": table, "rules": self._parts.notes.rules()})

    async def set_knobs(self, request: web.Request) -> web.Response:
        wish = await _read(request)
        provider, times = self._provider(wish), wish.get("times")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise _bad("times must be a positive integer")
        if not isinstance(wish.get("knobs"), dict):
            raise _bad("knobs must be an object")
        try:
            settings = knobs.checked(wish["knobs"], provider)
        except ValueError as problem:
            raise _bad(str(problem)) from problem
        self._parts.notes.set_rule(provider, settings, times or ALWAYS)
        return web.json_response({"rules": self._parts.notes.rules()})

    async def clear_knobs(self, request: web.Request) -> web.Response:
        self._parts.notes.clear_rules()
        return web.json_response({"rules": []})

    async def balance(self, request: web.Request) -> web.Response:
        wish = await _read(request)
        usd = wish.get("usd")
        if not isinstance(usd, int | float) or isinstance(usd, bool):
            raise _bad("usd must be a number")
        self._parts.notes.set_balance(self._provider(wish), round(usd * 1_000_000))
        return web.json_response({"usd": usd})

    async def keys(self, request: web.Request) -> web.Response:
        wish = await _read(request)
        bad = wish.get("bad")
        if not isinstance(bad, list) or not all(isinstance(key, str) for key in bad):
            raise _bad("bad must be a list of keys")
        self._parts.notes.set_bad_keys(self._provider(wish), bad)
        return web.json_response({"bad": bad})

    async def forge(self, request: web.Request) -> web.Response:
        wish = await _read(request)
        url = wish.get("url")
        if not is_web_address(url) or not is_here(str(url)):
            raise _bad("url must be an address on this machine")
        body = wish.get("body")
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {"Content-Type": "application/json", **wish.get("headers", {})}
        status = await self._parts.deliveries.post(str(url), text, headers)
        return web.json_response({"status": status})

    async def reset(self, request: web.Request) -> web.Response:
        await self._parts.reset()
        return web.json_response({"status": "ok"})

    def _provider(self, wish: Mapping[str, Any]) -> str:
        name = wish.get("provider", "runware")
        if name not in self._parts.announcers:
            raise _bad(f"unknown provider {name}")
        return str(name)

    def _guarded(self, handler: Handler) -> Handler:
        """Only with the launcher's token; without one configured there is no such address."""
        token = self._parts.settings.token

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not token:
                raise web.HTTPNotFound
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), token.encode()):
                raise web.HTTPUnauthorized
            return await handler(request)

        return guarded


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        wish = await request.json()
    except ValueError:
        raise _bad("the body must be JSON") from None
    if not isinstance(wish, dict):
        raise _bad("the body must be an object")
    return wish


def _bad(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": message}), content_type="application/json")
