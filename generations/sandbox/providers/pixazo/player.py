"""
Pixazo: submit by one of two addresses, and look. providers.md section 4.

A webhook is asked for by the header `X-Webhook-URL`, tried once, and says what a look says.
A request that ends in ERROR is never billed. One that ends in FAILED is free as well, unless the
knob `fail-billed` is turned: what Pixazo really does with it is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.faults import Refusal
from generations.sandbox.identifiers import uuid7
from generations.sandbox.knobs import Settings
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.pixazo import answers
from generations.sandbox.providers.pixazo.answers import MODEL
from generations.sandbox.providers.pixazo.order import FORMS, is_impossible, wanted
from generations.sandbox.providers.single import Order, Single, Wanted
from generations.sandbox.records import Job, Problem

NAME = "pixazo"

BUCKET = "https://pub-582b7213209642b9b995c96c95a30381.r2.dev"


class Pixazo(Single):
    name = NAME
    failures = answers.FAILURES
    examples = frozenset({f"{BUCKET}/manwithbear.jpg"})

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/pixazo/{model}/v1/{form}", self.generate),
            web.get("/pixazo/v2/requests/status/{id}", self.look),
        ]

    async def generate(self, request: web.Request) -> web.StreamResponse:
        """A text-to-video or image-to-video order, told apart by the address."""
        model, form = request.match_info["model"], request.match_info["form"]
        if model == MODEL and form in FORMS:
            return await self.submit(request, form)
        self.parts.notes.count(f"{NAME}.requests")
        message = f"Model '{model if model != MODEL else form}' not found or is disabled"
        refusal = Refusal("model_unavailable", 400, message=message)
        return self.unauthorized(request) or self.refused({}, refusal)

    def failure(self, job: Job) -> Problem | None:
        for name, problem in self.failures.items():
            if name in job.knobs:
                return answers.worded(problem, knobs.chosen(job.knobs, name))
        return answers.IMPOSSIBLE if is_impossible(dict(job.request)) else None

    def bills(self, job: Job, problem: Problem) -> bool:
        return super().bills(job, problem) and problem["code"] != "ERROR"

    def announcements(self, job: Job) -> Sequence[Body]:
        return [self.status(job)]

    def contradictions(self, job: Job) -> Sequence[Body]:
        head = {"request_id": job.uuid, "model_id": MODEL, "output": None}
        stale = {**head, "status": "PROCESSING", "error": None}
        return [stale, {**head, "status": "FAILED", "error": "It failed."}]

    def lie(self, job: Job) -> Body:
        output = answers.output(job, "http://169.254.169.254/latest/meta-data/output.mp4")
        head = {"request_id": job.uuid, "status": "COMPLETED", "model_id": MODEL}
        return {**head, "error": None, "output": output}

    def new_id(self) -> str:
        return f"{MODEL}_{uuid7()}"

    def key(self, request: web.Request) -> str:
        return request.headers.get("Ocp-Apim-Subscription-Key", "").strip()

    def wanted(self, order: Order) -> Wanted:
        return wanted(order)

    def refused(self, settings: Settings, refusal: Refusal) -> web.Response:
        return answers.refused(settings, refusal)

    async def accepted(self, job: Job) -> web.Response:
        if "direct-output" in job.knobs:
            return await self._direct(job)
        body = answers.acknowledged(job, f"{self.parts.links.base}/{NAME}")
        return web.json_response(body, status=200 if "accepted-200" in job.knobs else 202)

    def status(self, job: Job) -> Body:
        return answers.status(job, self._address(job))

    async def _direct(self, job: Job) -> web.Response:
        """The outcome instead of an acknowledgement; `bare` has no request_id, only an address."""
        done = await self.parts.work.outcome(job)
        if knobs.word(job.knobs, "direct-output") == "bare" and done.state == "succeeded":
            return web.json_response({"output": self._address(done)})
        return web.json_response(self.status(done))

    def _address(self, job: Job) -> str:
        (result,) = self.parts.records.results(job)
        return self.parts.links.address(job, result)
