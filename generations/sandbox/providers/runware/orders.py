"""Submitting to Runware: what is refused, what is accepted, and as which job."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generations.sandbox import images, knobs
from generations.sandbox.clip import Clip
from generations.sandbox.knobs import Settings
from generations.sandbox.parts import Parts
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.runware import task as rules
from generations.sandbox.providers.runware.answers import (
    REASONS,
    Answer,
    echo,
    error,
    refusal_error,
    usd,
    wrong_error,
)
from generations.sandbox.providers.runware.task import FAST, Task, Wrong
from generations.sandbox.reception import Reception
from generations.sandbox.records import Job

NAME = "runware"

#: Micro-dollars by model, width and seconds (providers.md 0.4). Quality does not change them.
PRICES = {
    ("minimax:4@1", 1366, 6): 280_000,
    ("minimax:4@1", 1366, 10): 560_000,
    ("minimax:4@1", 1920, 6): 490_000,
    (FAST, 1366, 6): 190_000,
    (FAST, 1366, 10): 320_000,
    (FAST, 1920, 6): 330_000,
}

#: Images in the examples of seed 002. They are drawn, because nothing is fetched from outside.
EXAMPLES = frozenset(
    {
        "aac49721-1964-481a-ae78-8a4e29b91402",
        "https://assets.runware.ai/assets/inputs/42669300-03ee-4ffc-838b-725c43d380da.jpg",
        "https://assets.runware.ai/assets/inputs/7cb04824-f18d-44be-83ba-55296f82f30b.jpg",
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """One submitted task with the knobs that apply to it."""

    task: Task
    prompt: str
    knobs: Settings

    @property
    def uuid(self) -> str:
        return str(self.task["taskUUID"])


class Refused(Exception):
    """A task that is not accepted, as an HTTP status and Runware's error."""

    def __init__(self, status: int, body: Body) -> None:
        super().__init__(body["code"])
        self.status = status
        self.body = body


class Orders:
    def __init__(self, parts: Parts, reception: Reception) -> None:
        self._parts = parts
        self._reception = reception

    def read(self, task: Task, *, dry: bool) -> Order:
        """Count the sighting, and find the knobs of the prompt and of the control endpoint."""
        prompt = task.get("positivePrompt")
        prompt = prompt if isinstance(prompt, str) else ""
        if dry:
            return Order(task, prompt, {})
        uuid = task["taskUUID"] if rules.is_uuid(task.get("taskUUID")) else None
        return Order(task, prompt, self._reception.arrived(uuid=uuid, prompt=prompt))

    async def submit(self, order: Order, answer: Answer) -> Job | None:
        """Accept the task or refuse it, in the answer; the job if there is a new one."""
        try:
            job = self._job(order, await self._allowed(order))
        except Refused as refused:
            self._parts.notes.count("runware.refused")
            answer.fail(refused.status, refused.body, order.knobs, order.task)
            return None
        self._parts.work.accept(job)
        answer.data.append(echo(order.task))
        return job

    async def dry_run(self, order: Order, answer: Answer) -> None:
        """Validate and price, and do nothing."""
        try:
            await self._allowed(order)
        except Refused as refused:
            answer.refuse(refused.status, refused.body)
        else:
            answer.data.append({**echo(order.task), "cost": usd(_price(order.task))})

    async def _allowed(self, order: Order) -> images.FirstFrame | None:
        """The first frame of a task nothing stands against. Raises Refused."""
        if wrong := rules.check(order.task):
            raise Refused(400, wrong_error(wrong, order.task))
        self._refuse_known(order)
        if refusal := self._reception.refusal(order.prompt, order.knobs):
            raise Refused(refusal.status, refusal_error(refusal, **echo(order.task)))
        frame = await self._frame(order.task)
        # While an image was fetched, the same task may have come in again.
        self._refuse_known(order)
        if self._parts.notes.free(NAME) < _price(order.task):
            raise Refused(402, error(*REASONS["insufficient_credits"], **echo(order.task)))
        return frame

    def _refuse_known(self, order: Order) -> None:
        """A uuid can be accepted once; a refused one is still free (providers.md 2.5)."""
        if self._parts.records.job(NAME, order.uuid):
            self._parts.notes.count("runware.conflicts")
            message = "A task with this taskUUID already exists."
            body = error("conflictTaskUUID", message, parameter="taskUUID", **echo(order.task))
            raise Refused(400, body)

    async def _frame(self, task: Task) -> images.FirstFrame | None:
        image = rules.frame_image(task)
        if image is None:
            return None
        folder: Path = self._parts.settings.state / "frames"
        try:
            return await images.read(image, folder=folder, known=EXAMPLES)
        except images.BadImage as problem:
            lost = isinstance(problem, images.Unreachable)
            code = "downloadFailed" if lost else "invalidFrameImages"
            wrong = Wrong(code, "inputs.frameImages", str(problem))
            raise Refused(400, wrong_error(wrong, task)) from problem

    def _job(self, order: Order, frame: images.FirstFrame | None) -> Job:
        task, now = order.task, time.time()
        return Job(
            provider=NAME,
            uuid=order.uuid,
            prompt=order.prompt,
            request=dict(task),
            clip=self._clip(order, frame),
            price=_price(task),
            accepted_at=now,
            due_at=self._reception.due_at(order.knobs, now),
            count=task.get("numberResults", 1),
            knobs=order.knobs,
            webhook_url=task.get("webhookURL"),
            upload_url=task.get("uploadEndpoint"),
            ttl=task.get("ttl"),
        )

    def _clip(self, order: Order, frame: images.FirstFrame | None) -> Clip:
        task = order.task
        width, height = rules.size(task)
        if frame and frame.path:
            width, height = images.frame_size(frame, height)
        drawn = knobs.without(order.prompt)
        return Clip(
            prompt=drawn,
            seconds=float(task.get("duration", 6)),
            width=width,
            height=height,
            format=task.get("outputFormat", "MP4").lower(),
            quality=task.get("outputQuality", 95),
            variation=0 if frame else self._parts.notes.variation(drawn),
            image=frame.path if frame else None,
        )


def _price(task: Mapping[str, object]) -> int:
    """Micro-dollars for all results of a checked task."""
    width, _ = rules.size(task)
    one = PRICES[str(task["model"]), width, int(str(task.get("duration", 6)).split(".")[0])]
    return one * int(str(task.get("numberResults", 1)))
