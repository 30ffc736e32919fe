"""
MiniMax itself: submit, query, retrieve, the plan, and callbacks. providers.md section 6.

Nothing documents when a callback's address is challenged and what follows when it does not answer.
Here it is challenged before the submit is answered, and the task runs on without callbacks.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.faults import Refusal, broken
from generations.sandbox.identifiers import digits
from generations.sandbox.knobs import ALWAYS, KNOBS, Setting, Settings
from generations.sandbox.notes import OPENING_BALANCE
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.minimax import answers
from generations.sandbox.providers.minimax.order import wanted
from generations.sandbox.providers.single import Order, Single, Wanted
from generations.sandbox.records import Job, Problem

NAME = "minimax"

#: Seconds in which a callback's address must echo the challenge (providers.md 6.6).
ECHO_WITHIN = 3.0

#: A file's id is its task's plus this: beyond 2^53, and odd, so that no double can hold it.
FILES_FROM = 2**62


class MiniMax(Single):
    name = NAME
    failures = answers.FAILURES

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/minimax/v1/video_generation", self.submit),
            web.get("/minimax/v1/query/video_generation", self.query),
            web.get("/minimax/v1/files/retrieve", self.retrieve),
            web.get("/minimax/v1/token_plan/remains", self.plan),
        ]

    async def query(self, request: web.Request) -> web.StreamResponse:
        """GET ?task_id=: the state of a task."""
        self.parts.notes.count(f"{NAME}.requests")
        if refusal := self.unauthorized(request):
            return refusal
        uuid = request.query.get("task_id", "")
        job = self.parts.records.job(NAME, uuid)
        write = partial(answers.refused, job.knobs if job else {}, task_id=uuid, status="")
        if fault := await self.reception.asked(request, [job] if job else [], write):
            return fault
        if told := knobs.word(self._told("query", job), "query-code"):
            return write(Refusal("told", 200, code=told))
        if job is None or job.polls < (knobs.number(job.knobs, "poll-lag") or 0):
            return write(Refusal("not_found", 200, message="invalid task_id"))
        return web.json_response(self.status(self.parts.records.job(NAME, uuid) or job))

    async def retrieve(self, request: web.Request) -> web.StreamResponse:
        """GET ?file_id=: an address that works for the next hours."""
        self.parts.notes.count(f"{NAME}.requests")
        if refusal := self.unauthorized(request):
            return refusal
        self.parts.notes.count(f"{NAME}.retrieves")
        job = self._owner(request.query.get("file_id", ""))
        write = partial(answers.refused, job.knobs if job else {})
        told = self._told("retrieve", job)
        if status := knobs.number(told, "retrieve-error"):
            return broken(int(status), write)
        if word := knobs.word(told, "retrieve-code"):
            return write(Refusal("told", 200, code=word))
        if job is None:
            return write(Refusal("not_found", 200, message="invalid file_id"))
        (result,) = self.parts.records.results(job)
        address = self.parts.links.address(job, result)
        return web.json_response(answers.file(job, _file_id(job), address))

    async def plan(self, request: web.Request) -> web.StreamResponse:
        """GET: what is left of the plan; in the sandbox that is its money."""
        self.parts.notes.count(f"{NAME}.requests")
        if refusal := self.unauthorized(request):
            return refusal
        share = 100 * self.parts.notes.free(NAME) // OPENING_BALANCE
        return web.json_response(answers.plan(max(0, min(100, share))))

    # What an order becomes

    def new_id(self) -> str:
        return digits()

    def key(self, request: web.Request) -> str:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def unauthorized(self, request: web.Request) -> web.Response | None:
        key = self.key(request)
        if key and not self.parts.notes.is_bad_key(NAME, key):
            return None
        settings = self.parts.notes.take(NAME, "answer")
        return answers.refused(settings, Refusal("bad_key" if key else "no_key", 200))

    def wanted(self, order: Order) -> Wanted:
        return wanted(order)

    def refused(self, settings: Settings, refusal: Refusal) -> web.Response:
        return answers.refused(settings, refusal, task_id="")

    async def admitted(self, job: Job) -> Job:
        """A job whose callbacks nobody vouches for runs without them."""
        if job.webhook_url is None or await self._echoes(job.webhook_url):
            return job
        return replace(job, webhook_url=None)

    async def accepted(self, job: Job) -> web.Response:
        return web.json_response({"task_id": job.uuid, **answers.base()})

    def status(self, job: Job) -> Body:
        return answers.status(job, _file_id(job))

    def broken(self) -> Problem:
        return answers.BROKEN

    # Callbacks

    def beginnings(self, job: Job) -> Sequence[Body]:
        """Told at once, unless the outcome is to be the first thing told."""
        if "webhook-early" in job.knobs:
            return ()
        return [{"task_id": job.uuid, "status": "processing", **answers.base()}]

    def announcements(self, job: Job) -> Sequence[Body]:
        return [answers.callback(self.status(job))]

    def contradictions(self, job: Job) -> Sequence[Body]:
        head = {"task_id": job.uuid}
        stale = {**head, "status": "processing", **answers.base()}
        return [stale, {**head, "status": "failed", **answers.base(1027)}]

    def lie(self, job: Job) -> Body:
        somebody = str(FILES_FROM + int(digits()))
        head = {"task_id": job.uuid, "status": "success", "file_id": somebody}
        return {**head, "video_width": 1366, "video_height": 768, **answers.base()}

    async def _echoes(self, url: str) -> bool:
        """Whether an address gives the challenge back in time (providers.md 6.6)."""
        challenge = {"challenge": secrets.token_hex(16)}
        self.parts.notes.count(f"{NAME}.challenges")
        text = await self.parts.deliveries.ask(url, challenge, within=ECHO_WITHIN)
        try:
            if json.loads(text) == challenge:
                return True
        except ValueError:
            pass
        self.parts.notes.count(f"{NAME}.challenges_failed")
        return False

    def _owner(self, file_id: str) -> Job | None:
        """The finished job that a file belongs to."""
        if not file_id.isdecimal() or len(file_id) > 19:
            return None
        job = self.parts.records.job(NAME, str(int(file_id) - FILES_FROM))
        return job if job and job.state == "succeeded" else None

    def _told(self, where: str, job: Job | None) -> Settings:
        """How a question is to go wrong, as often as it was told to."""
        told = dict(self.parts.notes.take(NAME, where))
        if job is None:
            return told
        for name, setting in job.knobs.items():
            if KNOBS[name].where == where and not self._spent(job, name, setting):
                self.parts.notes.strike(NAME, job.uuid, name)
                told[name] = setting
        return told

    def _spent(self, job: Job, name: str, setting: Setting) -> bool:
        fired = self.parts.notes.strikes(NAME, job.uuid, name)
        return setting.times != ALWAYS and fired >= setting.times


def _file_id(job: Job) -> int:
    return FILES_FROM + int(job.uuid)
