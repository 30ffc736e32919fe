"""
Cloudflare: one call that blocks for the whole render, the logs of its gateway, and our credit.
providers.md section 1.

A client that goes away stops nothing: the render goes on, is billed, and is in the logs when the
call would have ended. There is no other way to ask for a job.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.faults import Refusal, page
from generations.sandbox.identifiers import digits
from generations.sandbox.knobs import Settings
from generations.sandbox.parts import Parts
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.cloudflare import answers, question
from generations.sandbox.providers.cloudflare import order as rules
from generations.sandbox.providers.cloudflare.logs import Logs
from generations.sandbox.providers.single import Order, Refused, Single, Wanted
from generations.sandbox.records import Job

NAME = "cloudflare"

ACCOUNT = "/cloudflare/client/v4/accounts/{account}"
LOGS = f"{ACCOUNT}/ai-gateway/gateways/{{gateway}}/logs"

#: The gateway tries no call more often than this (providers.md 1.7).
MOST_ATTEMPTS = 5

#: Images in the examples of seeds 000 and 001. They are drawn, nothing is fetched from outside.
_REPLICATE = "https://replicate.delivery/xezq"
EXAMPLES = frozenset(
    {
        f"{_REPLICATE}/IeNNble3XUqhpUZTd3CkYTUf8EgkFU1fl1Jnyive3B26MsGzC/tmp51dpln4i.jpeg",
        f"{_REPLICATE}/MQpUhqkESIIQDlWUxtNcsznZLfUTmhEbCV3vdAZGHGPwwaMLA/tmpgl4gvv5n.jpeg",
        f"{_REPLICATE}/jfh37lJpnDQhaKcAfCrxSCEh7HA7lv5cCWmJW284tYXwh1YWA/tmpw2i437qe.jpeg",
    }
)


class Cloudflare(Single):
    name = NAME
    failures = answers.FAILURES
    examples = EXAMPLES

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._logs = Logs(parts.store)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post(f"{ACCOUNT}/ai/run", self.run),
            web.get(LOGS, self.search),
            web.get(f"{LOGS}/{{id}}", self.detail),
            web.get(f"{LOGS}/{{id}}/{{side:request|response}}", self.payload),
            web.get(f"{ACCOUNT}/ai-gateway/billing/credit-balance", self.credit),
        ]

    # The one call

    async def run(self, request: web.Request) -> web.StreamResponse:
        """POST: answered when the clip is there, or when it is certain that there will be none."""
        return await self.submit(request, form=request.match_info["account"])

    async def take(self, request: web.Request, order: Order) -> web.StreamResponse:
        """What does not reach the gateway is in no log; everything after that is."""
        write = partial(answers.refused, order.knobs, model=str(order.body.get("model")))
        if fault := await self.reception.before(request, [(order.prompt, order.knobs)], write):
            return fault
        if old := self._remembered(order):
            return self._again(order, old)
        try:
            job = await self._job(order)
        except Refused as refused:
            self.parts.notes.count(f"{NAME}.refused")
            return self._logged(order, write(refused.refusal))
        jobs = self._attempts(order, job)
        return await self.reception.after(request, jobs, write) or await self.accepted(jobs[-1])

    async def accepted(self, job: Job) -> web.Response:
        if "unfinished" not in job.knobs:
            job = await self.parts.work.outcome(job)
            if job.state == "rendering":  # the sandbox has forgotten it meanwhile
                return page(524)
        return self._answer(job, self.status(job), self._logs.id_of(job), "MISS")

    def ended(self, job: Job) -> None:
        """The gateway hears of the end of a render whether or not its client is still there."""
        cost = 0.0 if "cost-zero" in job.knobs else job.billed / 1_000_000
        success = job.state == "succeeded"
        self._logs.end(job, self.status(job), success=success, cost=cost)

    # The gateway's logs, and our credit

    async def search(self, request: web.Request) -> web.StreamResponse:
        """GET logs: the calls that have ended, by metadata and much else."""
        if refusal := self._first(request):
            return refusal
        try:
            asked = question.read(request.query)
        except question.BadQuestion as problem:
            return answers.refused({}, Refusal("question", 400, message=str(problem)))
        rows = self._logs.rows(*_place(request), asked)
        shown = asked.cut(rows)
        if fault := await self._asked(request, [row["id"] for row in shown]):
            return fault
        counts = {"count": len(shown), "total_count": len(rows)}
        info = {"page": asked.page, "per_page": asked.per_page, **counts}
        return web.json_response(answers.enveloped(shown, result_info=info))

    async def detail(self, request: web.Request) -> web.StreamResponse:
        """GET logs/{id}: one call."""
        if refusal := self._first(request):
            return refusal
        number = request.match_info["id"]
        if fault := await self._asked(request, [number]):
            return fault
        found = self._logs.one(*_place(request), number)
        return web.json_response(answers.enveloped(found)) if found else _not_found()

    async def payload(self, request: web.Request) -> web.StreamResponse:
        """GET logs/{id}/request and /response: what was sent and said, without envelope."""
        if refusal := self._first(request):
            return refusal
        number, side = request.match_info["id"], request.match_info["side"]
        if fault := await self._asked(request, [number]):
            return fault
        found = self._logs.payload(*_place(request), number, side)
        return web.json_response(found) if found else _not_found()

    async def credit(self, request: web.Request) -> web.StreamResponse:
        """GET credit-balance."""
        if refusal := self._first(request):
            return refusal
        self.parts.notes.count(f"{NAME}.balance_lookups")
        micro = self.parts.notes.balance(NAME)
        dollars = "balance-dollars" in self.parts.notes.take(NAME, "account")
        return web.json_response(answers.credit(micro / (1_000_000 if dollars else 10_000)))

    # What an order becomes

    def new_id(self) -> str:
        return digits()

    def key(self, request: web.Request) -> str:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def prompt(self, body: Body) -> str:
        return rules.prompt_of(body)

    def wanted(self, order: Order) -> Wanted:
        return rules.wanted(order)

    def refused(self, settings: Settings, refusal: Refusal) -> web.Response:
        return answers.refused(settings, refusal)

    def status(self, job: Job) -> Body:
        (result,) = self.parts.records.results(job)
        return answers.told(job, self.parts.links.address(job, result))

    def _attempts(self, order: Order, job: Job) -> list[Job]:
        """The job, and those the gateway makes of it by trying again (knob `gateway-retry`)."""
        count = min(round(knobs.number(job.knobs, "gateway-retry") or 1), _allowed(order))
        jobs = [job, *(_later(job, step) for step in range(1, count))]
        for again in jobs[1:]:
            self.parts.records.saw(provider=NAME, uuid=again.uuid, prompt=again.prompt)
        for step, each in enumerate(jobs):
            self._logs.begin(order, each, step=step, lost=each is not jobs[-1])
            self.parts.work.accept(each)
        if "unfinished" in job.knobs:
            self._logs.end(jobs[-1], self.status(jobs[-1]), success=True, cost=None)
        return jobs

    def _remembered(self, order: Order) -> Job | None:
        """The job whose result the gateway's cache has for this order."""
        if "gateway-cache" not in order.knobs or order.headers.get("cf-aig-skip-cache") == "true":
            return None
        jobs = (self.parts.records.job(NAME, uuid) for uuid in self._logs.same(order))
        return next((job for job in jobs if job and job.state == "succeeded"), None)

    def _again(self, order: Order, old: Job) -> web.Response:
        self.parts.notes.count(f"{NAME}.cache_hits")
        body = self.status(old)
        number = self._logs.note(order, body, status=200, job=old)
        return self._answer(old, body, number, "HIT")

    def _logged(self, order: Order, answer: web.Response) -> web.Response:
        """A refusal is a call too."""
        body = json.loads(answer.text or "{}")
        answer.headers["cf-aig-log-id"] = self._logs.note(order, body, status=answer.status)
        return answer

    def _answer(self, job: Job, body: Body, number: str | None, cache: str) -> web.Response:
        headers = {"cf-aig-cache-status": cache, "cf-aig-log-id": number or "", "cf-aig-step": "0"}
        return web.json_response(answers.laid_out(job.knobs, body), headers=headers)

    # Questions

    def _first(self, request: web.Request) -> web.Response | None:
        """Count a question, and refuse whoever may not ask it."""
        self.parts.notes.count(f"{NAME}.requests")
        return self.unauthorized(request)

    async def _asked(self, request: web.Request, numbers: list[str]) -> web.StreamResponse | None:
        """A fault of a question about these calls."""
        uuids = [self._logs.job_of(number) for number in numbers]
        found = [self.parts.records.job(NAME, uuid) for uuid in uuids if uuid]
        jobs = [job for job in found if job]
        return await self.reception.asked(request, jobs, partial(answers.refused, {}))


def _place(request: web.Request) -> tuple[str, str]:
    return request.match_info["account"], request.match_info["gateway"]


def _later(job: Job, step: int) -> Job:
    """The same render once more, begun when the ones before it are over."""
    wait = step * ((job.due_at or job.accepted_at) - job.accepted_at)
    due_at = None if job.due_at is None else job.due_at + wait
    return replace(job, uuid=digits(), accepted_at=job.accepted_at + wait, due_at=due_at)


def _allowed(order: Order) -> int:
    """How often the gateway may try, by the client's word."""
    most = order.headers.get("cf-aig-max-attempts", str(MOST_ATTEMPTS))
    return min(int(most), MOST_ATTEMPTS) if most.isdecimal() else MOST_ATTEMPTS


def _not_found() -> web.Response:
    return answers.refused({}, Refusal("not_found", 404))
