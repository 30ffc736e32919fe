"""
What ToAPIs says: refusals, the acknowledgement and the states of a task. providers.md 3.3, 3.4.

Its pages contradict themselves. Error codes are numbers, as in its examples; the knob `string-code`
brings the words of its table. Where no page has a word the assumption is marked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from aiohttp import web

from generations.sandbox import links
from generations.sandbox.faults import Refusal
from generations.sandbox.knobs import Settings
from generations.sandbox.providers.base import Body
from generations.sandbox.records import Job

#: A task below this many percent is still in the queue.
QUEUED = 10


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal: the table's word, the word of the page's example if it has one, a sentence."""

    table: str
    message: str
    status: int | None = None
    example: str | None = None


REASONS = {
    "content_policy": Words("content_policy_violation", "Rejected: content policy violation", 422),
    "insufficient_credits": Words("insufficient_quota", "Insufficient account balance", 402),
    # Assumed, after the family of software ToAPIs belongs to (providers.md 3.4).
    "insufficient_user_quota": Words("insufficient_user_quota", "User quota is not enough", 403),
    "invalid": Words("invalid_request", "Invalid request", 400),
    "invalid_key": Words("unauthorized", "Invalid API key", 401, "authentication_error"),
    # Assumed, after the same family: no page says what a model without a channel answers.
    "model_unavailable": Words("model_not_found", "No available channel for this model", 503),
    "not_found": Words("task_not_found", "Task not found", 404, "not_found_error"),
    "overloaded": Words("internal_error", "The service is overloaded", 503),
    "rate_limited": Words("rate_limit_exceeded", "Too many requests", 429),
    "server_error": Words("internal_error", "Internal server error"),
}

#: Its code and words for a render that fails, by knob.
FAILURES = {
    "fail": {"code": "generation_failed", "message": "Video generation failed"},
    "moderation-render": {
        "code": "content_policy_violation",
        "message": "Video generation failed due to content policy violation",
    },
}


def refused(settings: Settings, refusal: Refusal) -> web.Response:
    words = REASONS[refusal.reason]
    status = words.status or refusal.status
    word = refusal.code or words.table
    error: Body = {"code": word, "message": refusal.message or words.message, "type": word}
    if "string-code" not in settings:
        error |= {"code": status, "type": refusal.code or words.example or words.table}
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    return web.json_response({"error": error}, status=status, headers=headers)


def acknowledged(job: Job) -> Body:
    """The answer to a submit; of `metadata` only the old form's resolution comes back."""
    sent = job.request.get("metadata", {})
    metadata = {name: sent[name] for name in ("resolution",) if name in sent}
    return {**_task(job, _waiting(job), 0), "metadata": metadata}


def status(job: Job, address: str) -> Body:
    """
    The state of a task.

    :param address: where its clip lies, once there is one.
    """
    if job.state == "succeeded":
        return {**_task(job, "completed", 100), **_completed(job, address)}
    if job.state == "failed":
        return {**_task(job, "failed", 100), **_failed(job)}
    progress = job.progress(time.time())
    if progress < QUEUED:
        return _task(job, _waiting(job), 0)
    return _task(job, "in_progress", progress)


def _task(job: Job, word: str, progress: int) -> Body:
    return {
        "id": job.uuid,
        "object": "generation.task",
        "model": job.request["model"],
        "status": word,
        "progress": progress,
        "created_at": int(job.accepted_at),
    }


def _waiting(job: Job) -> str:
    return "submitted" if "submitted-word" in job.knobs else "queued"


def _completed(job: Job, address: str) -> Body:
    finished = int(job.finished_at or 0)
    past = "expires-past" in job.knobs
    times = {"completed_at": finished, "expires_at": finished - 60 if past else links.expiry(job)}
    if "url-top" in job.knobs:
        return {**times, "url": address, "duration": job.clip.seconds}
    return {**times, "result": {"type": "video", "data": [{"url": address, "format": "mp4"}]}}


def _failed(job: Job) -> Body:
    error = dict(job.error or {})
    return {"fail_reason": error["message"]} if "fail-reason" in job.knobs else {"error": error}
