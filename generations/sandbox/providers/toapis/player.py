"""
ToAPIs: submit, look, and upload a first frame. providers.md section 3.

It has no webhooks, no balance endpoint and no way to cancel.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from generations.sandbox.faults import Refusal
from generations.sandbox.identifiers import ulid
from generations.sandbox.knobs import Settings
from generations.sandbox.parts import Parts
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.single import Order, Single, Wanted
from generations.sandbox.providers.toapis import answers
from generations.sandbox.providers.toapis.order import wanted
from generations.sandbox.providers.toapis.uploads import NAME, Uploads
from generations.sandbox.records import Job


class ToAPIs(Single):
    name = NAME
    failures = answers.FAILURES
    examples = frozenset({"https://example.com/first-frame.jpg"})

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._uploads = Uploads(parts)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/toapis/v1/videos/generations", self.submit),
            web.get("/toapis/v1/videos/generations/{id}", self.look),
            web.post("/toapis/v1/uploads/images", self.upload),
            web.get("/toapis/uploads/{name}", self._uploads.serve),
        ]

    async def upload(self, request: web.Request) -> web.StreamResponse:
        self.parts.notes.count(f"{NAME}.requests")
        return self.unauthorized(request) or await self._uploads.take(request)

    def new_id(self) -> str:
        return f"vid_{ulid()}"

    def key(self, request: web.Request) -> str:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def wanted(self, order: Order) -> Wanted:
        return wanted(order)

    def refused(self, settings: Settings, refusal: Refusal) -> web.Response:
        return answers.refused(settings, refusal)

    async def accepted(self, job: Job) -> web.Response:
        return web.json_response(answers.acknowledged(job))

    def status(self, job: Job) -> Body:
        (result,) = self.parts.records.results(job)
        return answers.status(job, self.parts.links.address(job, result))
