"""
Receives API requests: the key, faults on demand, Idempotency-Key, the act, the log.

An act and its answer are one transaction, so that killing the sandbox leaves either both or none.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from billing.sandbox import answers, faults
from billing.sandbox.answers import Answer, Answers
from billing.sandbox.calls import Call, Route
from billing.sandbox.expansion import expand
from billing.sandbox.faults import Fault
from billing.sandbox.fields import Fields, decode
from billing.sandbox.keys import check_key
from billing.sandbox.kinds import API_VERSION, Thing, new_id
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import Refusal

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    id: str
    method: str
    path: str
    #: parameters, form encoded
    encoded: str
    thing_id: str
    #: of a POST; other methods are repeatable anyway
    key: str


class _CutError(Exception):
    """The connection ends without an answer."""


class Reception:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._answers = Answers(bank.store)
        self._busy: set[str] = set()

    def routes(self, table: Sequence[Route]) -> list[web.RouteDef]:
        known = [web.route(one.method, one.path, self._handler(one)) for one in table]
        return [*known, web.route("*", "/v1/{rest:.*}", self._handler(Route("*", "", _nowhere)))]

    def _handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            asked = await _asked(request)
            fault = self._bank.faults.strike(asked.method, asked.path)
            try:
                check_key(request.headers.get("Authorization", ""), self._bank.settings.secret_key)
                answer = await self._suffering(asked, route, fault)
            except Refusal as refusal:
                answer = answers.of_refusal(refusal)
            except _CutError:
                self._log(asked, 0, fault)
                _cut(request)
                return web.Response()
            self._log(asked, answer.status, fault, replayed=answer.original is not None)
            return _response(asked, answer, request.headers.get("Stripe-Version", API_VERSION))

        return handle

    async def _suffering(self, asked: Asked, route: Route, fault: Fault | None) -> Answer:
        """The answer, or what the fault makes of it."""
        if fault is None:
            return self._claimed(asked, route)
        if fault.effect == "slow":
            return await self._slowly(asked, route, fault)
        if fault.moment == "before":
            return await self._instead(asked, fault)
        answer = self._claimed(asked, route)
        return await self._instead(asked, fault) if answer.original is None else answer

    async def _slowly(self, asked: Asked, route: Route, fault: Fault) -> Answer:
        """Meanwhile the key is in use."""
        self._must_be_free(asked.key)
        self._busy.add(asked.key)
        try:
            answer = self._answer(asked, route) if fault.moment == "after" else None
            await asyncio.sleep(fault.seconds)
            return answer or self._answer(asked, route)
        finally:
            self._busy.discard(asked.key)

    async def _instead(self, asked: Asked, fault: Fault) -> Answer:
        if fault.effect == "hang":
            await asyncio.sleep(fault.seconds)
        if fault.effect in ("hang", "cut"):
            raise _CutError
        answer = Answer(*faults.answer(fault.effect))
        if fault.sticky:
            self._keep(asked, answer)
        return answer

    def _claimed(self, asked: Asked, route: Route) -> Answer:
        self._must_be_free(asked.key)
        return self._answer(asked, route)

    def _must_be_free(self, key: str) -> None:
        if key and key in self._busy:
            raise answers.in_use(key)

    def _answer(self, asked: Asked, route: Route) -> Answer:
        """What was answered to this key before, or the act's answer."""
        known = self._known(asked)
        if known:
            return known
        try:
            with self._bank.store.transaction():
                answer = self._act(asked, route)
                self._keep(asked, answer)
                return answer
        except Refusal as refusal:
            answer = answers.of_refusal(refusal)
            if refusal.begun:
                self._keep(asked, answer)
            return answer
        except Exception:
            log.exception("%s %s", asked.method, asked.path)
            return Answer(*faults.answer("500"))

    def _act(self, asked: Asked, route: Route) -> Answer:
        """Raises Refusal, and then nothing was done; a kept refusal is an answer."""
        fields = Fields(decode(asked.encoded))
        opened = fields.strings("expand")
        with self._bank.events.during(asked.id, asked.key or None):
            try:
                thing = route.act(Call(self._bank, fields, asked.thing_id))
            except Refusal as refusal:
                if not refusal.kept:
                    raise
                fields.finish()
                return answers.of_refusal(refusal)
        fields.finish()
        return answers.of(expand(self._bank, thing, opened))

    def _known(self, asked: Asked) -> Answer | None:
        if not asked.key:
            return None
        now = self._bank.now()
        return self._answers.known(asked.key, asked.method, asked.path, asked.encoded, now)

    def _keep(self, asked: Asked, answer: Answer) -> None:
        if asked.key:
            question = (asked.key, asked.method, asked.path, asked.encoded, asked.id)
            self._answers.keep(*question, self._bank.now(), answer)

    def _log(
        self, asked: Asked, status: int, fault: Fault | None, *, replayed: bool = False
    ) -> None:
        self._bank.store.insert(
            "INSERT INTO requests (id, at, method, path, fields, key, status, replayed, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            asked.id, time.time(), asked.method, asked.path, json.dumps(_readable(asked.encoded)),
            asked.key or None, status, replayed, fault.effect if fault else None,
        )  # fmt: skip


async def _asked(request: web.Request) -> Asked:
    post = request.method == "POST"
    encoded = await request.text() if post else request.rel_url.raw_query_string
    return Asked(
        id=new_id("req_", 14),
        method=request.method,
        path=request.path,
        encoded=encoded,
        thing_id=request.match_info.get("id", ""),
        key=request.headers.get("Idempotency-Key", "") if post else "",
    )


def _readable(encoded: str) -> Thing:
    try:
        return decode(encoded)
    except Refusal:
        return {}


def _nowhere(call: Call) -> Thing:
    told = "Unrecognized request URL. Please see https://stripe.com/docs or we can help at"
    raise Refusal(404, f"{told} https://support.stripe.com/.", begun=False)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _response(asked: Asked, answer: Answer, version: str) -> web.Response:
    headers = {"Request-Id": asked.id, "Stripe-Version": version, "Cache-Control": "no-store"}
    if asked.key:
        headers["Idempotency-Key"] = asked.key
    if answer.original:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.original}
    return web.Response(
        status=answer.status, text=answer.body, content_type="application/json", headers=headers
    )
