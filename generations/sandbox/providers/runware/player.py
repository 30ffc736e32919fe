"""
Runware's one address: arrays of tasks in, `data` and `errors` out. providers.md section 2.

Strict where the document is. Three answers follow pages read besides it: a failed poll's error
carries `status: error`, `getTaskDetails` gives back the array that was sent and the whole answer,
and `getDetails` names the organisation (runware.ai/docs/platform: task-polling, task-details,
account-management).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.parts import Parts
from generations.sandbox.providers.base import Body, Player
from generations.sandbox.providers.runware import task as rules
from generations.sandbox.providers.runware.answers import (
    FAILURES,
    REASONS,
    Answer,
    add,
    echo,
    error,
    failure,
    head,
    items,
    refused,
    usd,
    wrong_error,
)
from generations.sandbox.providers.runware.orders import NAME, Orders
from generations.sandbox.providers.runware.task import Task, Wrong
from generations.sandbox.reception import Reception
from generations.sandbox.records import Job, Problem


class Runware(Player):
    name = NAME
    failures = FAILURES

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._reception = Reception(NAME, parts)
        self._orders = Orders(parts, self._reception)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [web.post("/runware/v1", self.answer)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Everything goes through here, told apart by `taskType`."""
        self.parts.notes.count("runware.requests")
        try:
            tasks = json.loads(await request.read())
        except (ValueError, RecursionError):
            return _whole(400, error("invalidJSON", "The body is not JSON."))
        if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
            return _whole(400, error("invalidRequestBody", "The body must be an array of tasks."))
        if problem := self._unauthorized(request, tasks):
            return _whole(401, problem)
        if fault := await self._poll_fault(request, tasks):
            return fault
        return await self._answered(request, tasks)

    def broken(self) -> Problem:
        return {"code": "inferenceError", "message": "The render failed."}

    def announcements(self, job: Job) -> Sequence[Body]:
        """Flat, one for each result (providers.md 2.7); a failed job is announced once."""
        if job.state == "failed" and "item-error" not in job.knobs:
            return [{"data": [], "errors": [failure(job, job.error or {})]}]
        return self._items(job)

    def contradictions(self, job: Job) -> Sequence[Body]:
        stale = {**head(job), "status": "processing", "progress": 40}
        false = {**head(job), "status": "error", "error": error("taskFailed", "It failed.")}
        return [stale, false]

    def lie(self, job: Job) -> Body:
        video = str(uuid.uuid4())
        address = f"http://169.254.169.254/latest/meta-data/{video}.mp4"
        found = {"videoUUID": video, "videoURL": address, "seed": 1, "cost": 0.0001}
        return {**head(job), "status": "success", **found}

    # One POST

    def _unauthorized(self, request: web.Request, tasks: list[Task]) -> Body | None:
        """A bearer key, or an authentication task in front. Any key will do unless set as bad."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        if tasks and tasks[0].get("taskType") == "authentication":
            key = str(tasks[0].get("apiKey") or "")
        about = {"parameter": "apiKey", "taskType": "authentication"}
        if not key:
            return error("missingApiKey", "No API key was sent.", **about)
        if self.parts.notes.is_bad_key(NAME, key):
            return error(*REASONS["invalid_key"], **about)
        return None

    async def _answered(self, request: web.Request, tasks: list[Task]) -> web.StreamResponse:
        dry = request.headers.get("X-Runware-Dry-Run") == "1"
        submits = {
            index: self._orders.read(task, dry=dry)
            for index, task in enumerate(tasks)
            if task.get("taskType") == "videoInference"
        }
        orders = [(order.prompt, order.knobs) for order in submits.values()]
        if fault := await self._reception.before(request, orders, refused):
            return fault
        answer, accepted = Answer(), []
        for index, task in enumerate(tasks):
            if index not in submits:
                self._other(task, answer)
            elif dry:
                await self._orders.dry_run(submits[index], answer)
            elif job := await self._orders.submit(submits[index], answer):
                accepted.append(job)
        return await self._reception.after(request, accepted, refused) or answer.response()

    # Asking

    async def _poll_fault(
        self, request: web.Request, tasks: list[Task]
    ) -> web.StreamResponse | None:
        """A fault of a question, from the control endpoint or from a job it asks about."""
        asked = [task.get("taskUUID") for task in tasks if task.get("taskType") == "getResponse"]
        if not asked:
            return None
        jobs = [job for job in (self.parts.records.job(NAME, str(each)) for each in asked) if job]
        return await self._reception.asked(request, jobs, refused)

    def _other(self, task: Task, answer: Answer) -> None:
        """Every kind of task but a submission."""
        kinds = {
            "accountManagement": self._account,
            "authentication": self._authenticated,
            "getResponse": self._poll,
            "getTaskDetails": self._details,
        }
        handle = kinds.get(str(task.get("taskType")))
        if handle is None:
            wrong = Wrong("unsupportedTaskType", "taskType", "There is no such taskType.")
            answer.refuse(400, wrong_error(wrong, task))
            return
        handle(task, answer)

    def _poll(self, task: Task, answer: Answer) -> None:
        if wrong := _only(task, "taskType", "taskUUID"):
            answer.refuse(400, wrong_error(wrong, task))
            return
        job = self.parts.records.job(NAME, task["taskUUID"])
        # An unknown task looks exactly like one that is not visible yet.
        if job is None or "data-empty" in job.knobs:
            return
        if job.polls > (knobs.number(job.knobs, "poll-lag") or 0):
            add(answer, job, self._items(job))

    def _details(self, task: Task, answer: Answer) -> None:
        self.parts.notes.count("runware.details")
        if wrong := _only(task, "taskType", "taskUUID"):
            answer.refuse(400, wrong_error(wrong, task))
            return
        job = self.parts.records.job(NAME, task["taskUUID"])
        if job is None:
            answer.refuse(404, error("taskNotFound", "There is no such task.", **echo(task)))
            return
        whole = Answer()
        add(whole, job, self._items(job))
        answer.data.append({**echo(task), "request": [job.request], "response": whole.body()})

    def _account(self, task: Task, answer: Answer) -> None:
        self.parts.notes.count("runware.balance_lookups")
        wrong = _only(task, "taskType", "taskUUID", "operation")
        if not wrong and task.get("operation") != "getDetails":
            wrong = Wrong("invalidOperation", "operation", "operation must be getDetails.")
        if wrong:
            answer.refuse(400, wrong_error(wrong, task))
            return
        money = usd(self.parts.notes.balance(NAME))
        as_object = "balance-object" in self.parts.notes.take(NAME, "account")
        balance = {"amount": money, "currency": "USD"} if as_object else money
        known = {"organizationName": "Sandbox", "balance": balance}
        answer.data.append({**echo(task), "operation": "getDetails", **known})

    def _authenticated(self, task: Task, answer: Answer) -> None:
        session = {"connectionSessionUUID": str(uuid.uuid4())}
        answer.data.append({"taskType": "authentication", **session})

    def _items(self, job: Job) -> list[Body]:
        return items(job, self.parts.records.results(job), self.parts.links)


def _whole(status: int, body: Body) -> web.Response:
    answer = Answer()
    answer.refuse(status, body)
    return answer.response()


def _only(task: Task, *names: str) -> Wrong | None:
    """Whether a task of the small kinds has its uuid and nothing unknown."""
    for name in task:
        if name not in names:
            return Wrong("unknownParameter", str(name), f"Unknown parameter '{name}'.")
    if "taskUUID" not in task:
        return Wrong("missingTaskUUID", "taskUUID", "Missing 'taskUUID'.")
    if not rules.is_uuid(task["taskUUID"]):
        return Wrong("invalidTaskUUID", "taskUUID", "Invalid 'taskUUID': it must be a UUID v4.")
    return None
