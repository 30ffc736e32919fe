"""
A company that takes one order in a request and gives the job its id: submit, and look.

A company's own file says what it accepts, in which words it refuses, and how its answers look.
"""

from __future__ import annotations

import json
import time
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from aiohttp import web

from generations.sandbox import images, knobs
from generations.sandbox.clip import Clip
from generations.sandbox.faults import Refusal
from generations.sandbox.knobs import Settings
from generations.sandbox.parts import Parts
from generations.sandbox.providers.base import Body, Player
from generations.sandbox.reception import Reception
from generations.sandbox.records import Job

#: A text-to-video clip by its short side (providers.md 0.2).
FRAMES = {768: (1366, 768), 1080: (1920, 1080)}


@dataclass(frozen=True, slots=True)
class Order:
    """One submission as it was sent, with the knobs that apply to it; `form` names its address."""

    uuid: str
    prompt: str
    body: Body
    headers: Mapping[str, str]
    knobs: Settings
    form: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What a correct order asks for.

    :param side: the short side of the clip in pixels, 768 or 1080.
    :param price: micro-dollars.
    :param image: the first frame as it was given.
    :param ttl: how many seconds the clip's address works.
    """

    seconds: float
    side: int
    price: int
    image: str | None = None
    webhook_url: str | None = None
    ttl: int | None = None


class Refused(Exception):
    """An order that is not accepted."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def invalid(message: str) -> Refused:
    """Refused because it is against the rules."""
    return Refused(Refusal("invalid", 400, message=message))


class Single(Player):
    #: Images in the provider's own examples. They are drawn, because nothing is fetched outside.
    examples: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.reception = Reception(self.name, parts)

    @abstractmethod
    def new_id(self) -> str:
        """The id of the next job."""

    @abstractmethod
    def key(self, request: web.Request) -> str:
        """The key a request carries, empty when it carries none."""

    def prompt(self, body: Body) -> str:
        """The prompt of an order that may be wrong in every way."""
        prompt = body.get("prompt")
        return prompt if isinstance(prompt, str) else ""

    @abstractmethod
    def wanted(self, order: Order) -> Wanted:
        """What an order asks for. Raises Refused when it is against the rules."""

    @abstractmethod
    def refused(self, settings: Settings, refusal: Refusal) -> web.Response:
        """A refusal in the company's words."""

    async def admitted(self, job: Job) -> Job:
        """The job as it is accepted, for a company that asks somebody first."""
        return job

    @abstractmethod
    async def accepted(self, job: Job) -> web.Response:
        """The answer to a submit that went through."""

    @abstractmethod
    def status(self, job: Job) -> Body:
        """What a look at a job answers."""

    async def submit(self, request: web.Request, form: str = "") -> web.StreamResponse:
        """Read one order and take it."""
        self.parts.notes.count(f"{self.name}.requests")
        if refusal := self.unauthorized(request):
            return refusal
        body = await _json(request)
        if body is None:
            return self.refused({}, Refusal("invalid", 400, message="The body is no JSON object."))
        return await self.take(request, self._order(request, body, form))

    async def take(self, request: web.Request, order: Order) -> web.StreamResponse:
        """Begin one order, or say why not."""
        write = partial(self.refused, order.knobs)
        if fault := await self.reception.before(request, [(order.prompt, order.knobs)], write):
            return fault
        try:
            job = await self._job(order)
        except Refused as refused:
            self.parts.notes.count(f"{self.name}.refused")
            return write(refused.refusal)
        job = await self.admitted(job)
        self.parts.work.accept(job)
        return await self.reception.after(request, [job], write) or await self.accepted(job)

    async def look(self, request: web.Request) -> web.StreamResponse:
        """Answer a question about the job named in the address."""
        self.parts.notes.count(f"{self.name}.requests")
        if refusal := self.unauthorized(request):
            return refusal
        uuid = request.match_info["id"]
        job = self.parts.records.job(self.name, uuid)
        settings = job.knobs if job else self.parts.notes.take(self.name, "answer")
        write = partial(self.refused, settings)
        if fault := await self.reception.asked(request, [job] if job else [], write):
            return fault
        if job is None or job.polls < (knobs.number(job.knobs, "poll-lag") or 0):
            return write(Refusal("not_found", 404))
        return web.json_response(self.status(self.parts.records.job(self.name, uuid) or job))

    def unauthorized(self, request: web.Request) -> web.Response | None:
        """Any key will do unless it is set as bad."""
        key = self.key(request)
        if key and not self.parts.notes.is_bad_key(self.name, key):
            return None
        settings = self.parts.notes.take(self.name, "answer")
        return self.refused(settings, Refusal("invalid_key", 401))

    def _order(self, request: web.Request, body: Body, form: str) -> Order:
        prompt, uuid = self.prompt(body), self.new_id()
        settings = self.reception.arrived(uuid=uuid, prompt=prompt)
        return Order(uuid, prompt, body, request.headers, settings, form)

    async def _job(self, order: Order) -> Job:
        """The job of an order nothing stands against. Raises Refused."""
        wanted = self.wanted(order)
        if refusal := self.reception.refusal(order.prompt, order.knobs):
            raise Refused(refusal)
        frame = await self._frame(wanted.image) if wanted.image else None
        if self.parts.notes.free(self.name) < wanted.price:
            raise Refused(Refusal("insufficient_credits", 402))
        now = time.time()
        return Job(
            provider=self.name,
            uuid=order.uuid,
            prompt=order.prompt,
            request=order.body,
            clip=self._clip(order, wanted, frame),
            price=wanted.price,
            accepted_at=now,
            due_at=self.reception.due_at(order.knobs, now),
            knobs=order.knobs,
            webhook_url=wanted.webhook_url,
            ttl=wanted.ttl,
        )

    async def _frame(self, image: str) -> images.FirstFrame:
        folder: Path = self.parts.settings.state / "frames"
        try:
            return await images.read(image, folder=folder, known=self.examples)
        except images.BadImage as problem:
            raise invalid(str(problem)) from problem

    def _clip(self, order: Order, wanted: Wanted, frame: images.FirstFrame | None) -> Clip:
        width, height = FRAMES[wanted.side]
        if frame and frame.path:
            width, height = images.frame_size(frame, wanted.side)
        drawn = knobs.without(order.prompt)
        return Clip(
            prompt=drawn,
            seconds=wanted.seconds,
            width=width,
            height=height,
            variation=0 if frame else self.parts.notes.variation(drawn),
            image=frame.path if frame else None,
        )


async def _json(request: web.Request) -> Body | None:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
