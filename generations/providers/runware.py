"""
Runware: one address, arrays of tasks, answers matched by the taskUUID that we choose.

Facts and their sources: providers.md section 2; the model's own page is seed 002,
https://runware.ai/docs/models/minimax-hailuo-2-3.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypedDict

import httpx

from generations.providers import http
from generations.providers.base import (
    Accepted,
    Busy,
    Capabilities,
    Exchange,
    Failure,
    ImageForm,
    Job,
    JobState,
    Knock,
    Provider,
    RenderOrder,
    Route,
    Snapshot,
    Unclear,
)
from generations.providers.runware_answers import (
    Answer,
    Entry,
    balance_of,
    inner,
    is_failed_render,
    state_of,
)
from generations.providers.runware_errors import (
    FAILURES,
    Kind,
    is_about_render,
    is_about_us,
    kind_of,
    question_error,
    submit_error,
)

logger = logging.getLogger(__name__)

#: Runware takes pixels, not words; 768P is 1366 wide, not 1360 and not 1280 (seed 002).
PIXELS = {
    "768P": (1366, 768),
    "1080P": (1920, 1080),
}
FORMATS = {
    "mp4": "MP4",
    "mov": "MOV",
    "webm": "WEBM",
}
FPS = 25
QUALITY = 95  # their default

#: Where several statements about one task stand side by side, the first of these is believed: a
#: clip that exists outweighs a complaint, and a failure is final, so it must stand unopposed.
BELIEVED = (JobState.DONE, JobState.WORKING, JobState.FAILED, JobState.MISSING)


class Said(TypedDict):
    """A provider's words, and their whole entry for staff, both without our key."""

    message: str
    raw: dict[str, Any]


class Runware(Provider):
    """https://runware.ai: everything is a POST of an array of tasks to one address."""

    name = "runware"
    label = "Runware"
    address = "https://api.runware.ai/v1"
    capabilities = Capabilities(
        routes=(
            Route("hailuo-2.3", "text-to-video", "minimax:4@1"),
            Route("hailuo-2.3", "image-to-video", "minimax:4@1"),
            Route("hailuo-2.3-fast", "image-to-video", "minimax:4@2"),
        ),
        image_forms=frozenset({ImageForm.DATA_URI}),
        output_formats=frozenset(FORMATS),
        output_quality=True,
        webhook=True,
        idempotent=True,
        lookup=True,
        batch=20,  # the largest array is unknown (providers.md 2.3); 20 is the agreed guess
    )

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        request = self._post([self._video_inference(order)], repeatable=False)
        response = yield request
        return self._accepted(str(order.token), response)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found: dict[str, Snapshot] = {}
        for start in range(0, len(jobs), self.capabilities.batch):
            tasks = [job.id for job in jobs[start : start + self.capabilities.batch]]
            response = yield self._post([_question("getResponse", task) for task in tasks])
            found |= self._seen(tasks, response)
            if len(tasks) > 1 and _blames_nobody(response):
                for task in (task for task in tasks if task not in found):
                    response = yield self._post([_question("getResponse", task)])
                    found |= self._seen([task], response)
        return found

    def settle(self, job: Job) -> Exchange[Snapshot]:
        """getResponse knows what is under way, getTaskDetails what has been (providers.md 2.3)."""
        task = str(job.token)
        response = yield self._post([_question("getResponse", task)])
        snapshot = self._seen([task], response).get(task)
        if snapshot and snapshot.state is not JobState.MISSING:
            return snapshot
        response = yield self._post([_question("getTaskDetails", task)])
        return self._remembered(job, response)

    def balance(self) -> Exchange[Decimal]:
        question = _question("accountManagement", str(uuid.uuid4()))
        response = yield self._post([{**question, "operation": "getDetails"}])
        answer = Answer.to(response)
        for item in answer.items:
            balance = balance_of(item)
            if balance is not None:
                return balance
        self._check_answered(answer, response)
        raise Busy("The answer tells no balance.")

    def webhook(self, *, headers: Mapping[str, str], body: bytes) -> Knock:
        """Unsigned (providers.md 2.7): it only says where to look."""
        content = http.read(body)
        if not isinstance(content, dict | list):
            raise ValueError("not a JSON object or array")
        flat = Answer(items=(http.fields(content),))
        named = Answer.of(content).tasks() + flat.tasks()
        return Knock(job_id=named[0] if named else None)

    def _video_inference(self, order: RenderOrder) -> Entry:
        """Every default is sent: theirs for the optimizer is the opposite of everyone else's."""
        route = http.route_for(self.capabilities, order)
        width, height = PIXELS[order.resolution]
        task: Entry = {
            "taskType": "videoInference",
            "taskUUID": str(order.token),
            "model": route.provider_model,
            "positivePrompt": order.prompt,
            "width": width,
            "height": height,
            "duration": order.duration,
            "fps": FPS,
            "outputType": "URL",
            "outputFormat": FORMATS[order.output_format],
            "outputQuality": QUALITY if order.output_quality is None else order.output_quality,
            "deliveryMethod": "async",
            "includeCost": True,
            "numberResults": 1,  # each result is charged: several clips are several orders
            "providerSettings": {"minimax": {"promptOptimizer": order.prompt_optimizer}},
        }
        if order.image:
            frame = {"image": http.data_uri(order.image), "frame": "first"}
            task["inputs"] = {"frameImages": [frame]}
        if order.webhook_url:
            task["webhookURL"] = order.webhook_url
        return task

    def _post(self, tasks: list[Entry], *, repeatable: bool = True) -> httpx.Request:
        headers = {"Authorization": f"Bearer {self._api_key}"}
        return http.post(self.base_url, body=tasks, headers=headers, repeatable=repeatable)

    def _accepted(self, task: str, response: httpx.Response) -> Accepted:
        """Read a submit's answer. The acknowledgement carries no status (providers.md 2.2)."""
        body = http.read(response.content)
        answer = Answer.of(body)
        complaints = answer.complaints(task)
        acknowledged = [
            item for item in answer.about(task) if state_of(item) is not JobState.FAILED
        ]
        # A used taskUUID means that an earlier sending of this same attempt got through: the core
        # resends only the same attempt's token. Were it ever the first sending, that would be a
        # bug of ours, and believing that a job exists would still be the reading that costs
        # nobody anything: looks and the deadline settle it.
        repeated = any(kind_of(error) is Kind.REPEATED for error in complaints)
        if acknowledged or repeated:
            best = _best(self._snapshot(item) for item in acknowledged)
            done = best if best and best.state is JobState.DONE else None
            return Accepted(task, snapshot=done, raw=self._kept(body))
        if complaints:
            raise submit_error(complaints[0], response, **self._said(complaints[0]))
        if answer.errors:  # all of them name other tasks, so this answer is not ours
            raise Unclear("The answer is about another task.", raw=self._kept(body))
        raise http.classify(response, paid=True, raw=self._kept(body))

    def _seen(self, tasks: Sequence[str], response: httpx.Response) -> dict[str, Snapshot]:
        """
        What one answer says about these tasks, matched by taskUUID and never by position.

        A task it does not mention is left out: an unknown one and one not yet visible look the
        same, HTTP 200 with nothing (providers.md 2.3).
        """
        answer = Answer.to(response)
        alone = len(tasks) == 1
        told = {task: _best(self._told(task, answer, response, alone=alone)) for task in tasks}
        found = {task: snapshot for task, snapshot in told.items() if snapshot}
        if not found:
            self._check_answered(answer, response)
        return found

    def _told(
        self, task: str, answer: Answer, response: httpx.Response, *, alone: bool
    ) -> Iterator[Snapshot]:
        for item in answer.about(task):
            yield self._snapshot(item)
        for error in answer.against(task):
            if is_about_render(error, response):
                yield self._failed(error)
        for error in answer.against("") if alone else ():  # what names no task is about this one
            if is_failed_render(error):
                yield self._failed(error)

    def _check_answered(self, answer: Answer, response: httpx.Response) -> None:
        """
        Whether a question was answered, be it with nothing.

        :raises Busy, Misconfigured: when the question itself failed.
        """
        complaints = [
            error
            for error in answer.errors
            if kind_of(error) is not Kind.MISSING and not is_failed_render(error)
        ]
        if complaints:
            raise question_error(complaints[0], response, **self._said(complaints[0]))
        if not answer.readable or not (response.is_success or answer.errors):
            raise question_error({}, response, message="", raw={})

    def _snapshot(self, item: Entry) -> Snapshot:
        state = state_of(item)
        if state is JobState.FAILED:
            return self._failed(item)
        url = http.link(item.get("videoURL")) if state is JobState.DONE else ""
        if state is JobState.DONE and not url:
            failure = Failure("provider_error", "Finished without a video.")
            return Snapshot(JobState.FAILED, failure=failure, raw=self._kept(item))
        cost = http.dollars(item.get("cost"))
        return Snapshot(
            state=state,
            video_url=url,
            progress=http.percent(item.get("progress")),
            seed=http.whole(item.get("seed")),
            cost=cost if cost and cost > 0 else None,  # a reported 0 is no free render (2.6)
            raw=self._kept(item),
        )

    def _failed(self, error: Entry) -> Snapshot:
        kind, said = kind_of(inner(error)), self._said(error)
        if kind is Kind.MISSING:
            return Snapshot(JobState.MISSING, raw=said["raw"])
        failure = Failure(FAILURES.get(kind, "provider_error"), said["message"])
        return Snapshot(JobState.FAILED, failure=failure, raw=said["raw"])

    def _remembered(self, job: Job, response: httpx.Response) -> Snapshot:
        """
        What the archive says of a task: its original `request` and `response` (providers.md 2.3).

        Whatever the entry contains must match, or it is another's.
        """
        task, answer = str(job.token), Answer.to(response)
        entry = next(iter(answer.about(task)), {})
        if not (entry.get("request") or entry.get("response")):
            return self._forgotten(answer, response)
        if not self._is_ours(job, entry):
            logger.warning("Runware's archive answered with a task that does not match ours")
            return Snapshot(JobState.MISSING, raw=self._kept(entry))
        archived = Answer.of(entry.get("response"))
        told = [self._snapshot(item) for item in archived.about(task)]
        complaints = [*archived.against(task), *archived.against("")]
        told += [self._failed(error) for error in complaints if not is_about_us(error)]
        was_taken = all(kind_of(error) is Kind.REPEATED for error in complaints)
        otherwise = JobState.WORKING if was_taken else JobState.MISSING
        return replace(_best(told) or Snapshot(otherwise), raw=self._kept(entry))

    def _forgotten(self, answer: Answer, response: httpx.Response) -> Snapshot:
        """An archive that refuses the question does not know the task; one in trouble may."""
        refused = any(kind_of(error) in (Kind.MISSING, Kind.INVALID) for error in answer.errors)
        if not refused and response.status_code != 404:
            self._check_answered(answer, response)
        return Snapshot(JobState.MISSING)

    def _is_ours(self, job: Job, entry: Entry) -> bool:
        route = self.capabilities.route(model=job.model, mode=job.mode)
        asked = {
            "taskType": "videoInference",
            "taskUUID": str(job.token),
            "model": route.provider_model if route else "",
        }
        return all(
            original.get(name, value) == value
            for original in http.objects(entry.get("request"))
            for name, value in asked.items()
        )

    def _said(self, error: Entry) -> Said:
        told = [inner(error).get(name) for name in ("message", "code")]
        message = next(filter(None, (http.words(one, secret=self._api_key) for one in told)), "")
        return {"message": message, "raw": self._kept(error)}

    def _kept(self, value: object) -> dict[str, Any]:
        return http.kept(value, secret=self._api_key)


def _question(kind: str, task: str) -> Entry:
    return {"taskType": kind, "taskUUID": task}


def _blames_nobody(response: httpx.Response) -> bool:
    """A render has failed, and only asking for each alone tells which (providers.md 12, trap 5)."""
    return any(is_failed_render(error) for error in Answer.to(response).against(""))


def _best(told: Iterable[Snapshot]) -> Snapshot | None:
    return min(told, key=lambda one: BELIEVED.index(one.state), default=None)
