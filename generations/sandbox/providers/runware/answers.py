"""
What Runware says: items, errors, and the envelope of one POST. providers.md 2.3, 2.6.

Errors come by default in `errors`; knobs bring the other forms that its clients have met.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from generations.sandbox.faults import Refusal
from generations.sandbox.knobs import Settings
from generations.sandbox.links import Links
from generations.sandbox.providers.base import Body
from generations.sandbox.providers.runware.task import Task, Wrong
from generations.sandbox.records import Job, Result

DOCS = "https://runware.ai/docs/models/minimax-hailuo-2-3"

#: Their code and words for a refusal.
REASONS = {
    "content_policy": ("contentPolicyViolation", "The content was refused by the provider."),
    "insufficient_credits": ("insufficientCredits", "Insufficient credits. Please top up."),
    "invalid_key": ("invalidApiKey", "Invalid API key. Get one at https://my.runware.ai/signup"),
    "model_unavailable": ("modelUnavailable", "The model is temporarily unavailable."),
    "overloaded": ("noAvailableServer", "No server is available to process the task."),
    "provider_wallet_empty": ("providerInsufficientCredits", "The provider has no credits."),
    "rate_limited": ("rateLimitExceeded", "Too many requests. Please slow down."),
    "server_error": ("serverError", "An unexpected error occurred."),
}

#: Their code and words for a render that fails, by knob.
FAILURES = {
    "fail": {"code": "taskFailed", "message": "The task could not be completed."},
    "moderation-render": {
        "code": "invalidProviderContent",
        "message": "The provider refused the content of this request.",
    },
}


@dataclass(slots=True)
class Answer:
    """`data` and `errors` of one POST, filled task by task."""

    data: list[Body] = field(default_factory=list)
    errors: list[Body] = field(default_factory=list)
    stream: Body = field(default_factory=dict)
    status: int = 200
    retry_after: int | None = None

    def refuse(self, status: int, error: Body) -> None:
        self.errors.append(error)
        self.status = max(self.status, status)

    def fail(self, status: int, error: Body, settings: Settings, task: Task) -> None:
        """An error in the form the knobs ask for."""
        if "parameter-array" in settings and isinstance(error.get("parameter"), str):
            error = {**error, "parameter": [error["parameter"]]}
        if "error-without-uuid" in settings:
            error = {key: value for key, value in error.items() if key != "taskUUID"}
        if "item-error" in settings:
            self.data.append({**echo(task), "status": "error", "error": error})
        elif "stream-error" in settings:
            self.stream = {"error": error, "taskUUID": task.get("taskUUID")}
            self.status = max(self.status, status)
        else:
            self.refuse(status, error)

    def body(self) -> Body:
        body: Body = {"data": self.data, **self.stream} if not self.stream else dict(self.stream)
        if self.stream and self.data:
            body["data"] = self.data
        if self.errors:
            body["errors"] = self.errors
        return body

    def response(self) -> web.Response:
        """One success makes the whole answer a 200; otherwise its errors decide."""
        status = 200 if self.data else self.status
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else None
        return web.json_response(self.body(), status=status, headers=headers)


def error(code: str, message: str, **more: Any) -> Body:
    """An error object: code and message first, absent things left out."""
    found = {key: value for key, value in more.items() if value is not None}
    return {"code": code, "message": message, **found, "documentation": DOCS}


def refused(refusal: Refusal) -> web.Response:
    """The answer to a request refused as a whole."""
    answer = Answer(retry_after=refusal.retry_after)
    answer.refuse(refusal.status, refusal_error(refusal))
    return answer.response()


def refusal_error(refusal: Refusal, **more: Any) -> Body:
    code, message = REASONS[refusal.reason]
    return error(refusal.code or code, message, **more)


def wrong_error(wrong: Wrong, task: Task) -> Body:
    return error(wrong.code, wrong.message, parameter=wrong.parameter, **echo(task))


def echo(task: Task) -> Body:
    """What every item repeats of its task."""
    names = ("taskType", "taskUUID")
    return {name: task[name] for name in names if isinstance(task.get(name), str)}


def head(job: Job) -> Body:
    return {"taskType": "videoInference", "taskUUID": job.uuid}


def items(job: Job, results: list[Result], links: Links) -> list[Body]:
    """What is known about each result; a failure is `status: error` with `error` inside."""
    if job.state == "failed":
        return [{**head(job), "status": "error", "error": failure(job, job.error or {})}]
    if job.state == "rendering":
        waiting = "pending" if "pending-word" in job.knobs else "processing"
        return [{**head(job), "status": waiting, "progress": job.progress(time.time())}]
    return [_finished(job, result, links) for result in results]


def add(answer: Answer, job: Job, found: list[Body]) -> None:
    """Put items into an answer: failures go to `errors`, with status 200 for the question."""
    for item in found:
        if item.get("status") == "error":
            answer.fail(200, {**item["error"], "status": "error"}, job.knobs, item)
        else:
            answer.data.append(item)


def failure(job: Job, problem: Mapping[str, str]) -> Body:
    return error(problem["code"], problem["message"], **head(job))


def usd(micro: int) -> float:
    return micro / 1_000_000


def _finished(job: Job, result: Result, links: Links) -> Body:
    if result.error:
        return {**head(job), "status": "error", "error": failure(job, result.error)}
    item: Body = {**head(job), "status": "success", "videoUUID": result.uuid}
    item |= {"videoURL": links.address(job, result), "seed": result.seed}
    if job.request.get("includeCost"):
        item["cost"] = 0 if "cost-zero" in job.knobs else usd(job.price // job.count)
    if job.request.get("safety", {}).get("checkContent"):
        item["NSFWContent"] = False
    if "missing-status" in job.knobs:
        del item["status"]
    return item
