"""
What Pixazo says: refusals, the acknowledgement and the states of a request. providers.md 4.3, 4.4.

A refusal is two strings, `error` and `message`. Of 401, 403, 404, 429 and 500 the page has only the
number; the sentence beside it is assumed, and the knob `apim-errors` brings the other likely form.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from generations.sandbox.faults import Refusal
from generations.sandbox.knobs import Settings
from generations.sandbox.providers.base import Body
from generations.sandbox.records import Job

MODEL = "minimax-hailuo-ai"

#: A request below this many percent is still in the queue.
QUEUED = 10

#: Status, `error` and `message` of a refusal.
REASONS = {
    "content_policy": (400, "Bad Request", "The prompt violates the content policy."),
    "insufficient_credits": (
        402, "Insufficient Balance", "Your wallet does not have enough balance."
    ),
    "invalid": (400, "Bad Request", "The request is invalid."),
    "invalid_key": (401, "Unauthorized", "Access denied due to invalid subscription key."),
    "model_unavailable": (
        400, "Model not found", f"Model '{MODEL}' not found or is disabled"
    ),
    "not_found": (404, "Request not found", "There is no such request."),
    "overloaded": (503, "Service Unavailable", "The service is overloaded."),
    "rate_limited": (429, "Too Many Requests", "Rate limit is exceeded."),
    "server_error": (500, "Internal Server Error", "An unexpected error occurred."),
}  # fmt: skip

#: Its state and words for a render that fails, by knob. The state is the code of the problem.
FAILURES = {
    "fail": {"code": "FAILED", "message": "The video could not be generated"},
    "moderation-render": {"code": "FAILED", "message": "The content is sensitive"},
    "system-error": {"code": "ERROR", "message": "An internal error occurred in the queue"},
}

#: What upstream says to (1080P, 10), in the words of MiniMax.
IMPOSSIBLE = {
    "code": "FAILED",
    "message": "invalid params, 1080P supports 6 s only",
}


def refused(settings: Settings, refusal: Refusal) -> web.Response:
    status, error, message = REASONS[refusal.reason]
    if refusal.reason == "server_error":
        status = refusal.status
    message = refusal.message or message
    body: Body = {"error": error, "message": _with(message, refusal.code)}
    if "apim-errors" in settings and status in (401, 403, 429):
        body = {"statusCode": status, "message": message}
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    return web.json_response(body, status=status, headers=headers)


def worded(problem: Mapping[str, str], word: str | None) -> dict[str, str]:
    """A problem whose text contains the word given with a knob: `[[moderation-render=1027]]`."""
    return {**problem, "message": _with(problem["message"], word)}


def acknowledged(job: Job, base: str) -> Body:
    """The answer to a submit; `base` is where Pixazo is reached."""
    polling = f"{base}/v2/requests/status/{job.uuid}"
    return {"request_id": job.uuid, "status": "QUEUED", "polling_url": polling}


def status(job: Job, address: str) -> Body:
    """
    The state of a request, as a look and as a webhook tells it. ERROR carries no times.

    :param address: where its clip lies, once there is one.
    """
    problem = job.error or {}
    head = {"request_id": job.uuid, "status": _word(job), "model_id": MODEL}
    known: Body = {**head, "error": problem.get("message"), "output": None}
    if known["status"] == "ERROR":
        return known
    if job.state == "succeeded":
        known["output"] = output(job, address)
    return {**known, **_times(job)}


def output(job: Job, address: str) -> Body:
    media = address if "media-string" in job.knobs else [address]
    return {"media_url": media, "media_type": "application/octet-stream"}


def _word(job: Job) -> str:
    if job.state == "failed":
        return (job.error or {})["code"]
    if job.state == "succeeded":
        return "COMPLETED"
    return "QUEUED" if job.progress(time.time()) < QUEUED else "PROCESSING"


def _times(job: Job) -> Body:
    finished = _iso(job.finished_at) if job.finished_at else None
    begun = job.accepted_at if _word(job) == "QUEUED" else time.time()
    created = _iso(job.accepted_at)
    return {
        "created_at": created,
        "updated_at": finished or _iso(begun),
        "completed_at": finished,
    }


def _iso(moment: float) -> str:
    """`2026-03-31T10:00:15.000Z`."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _with(message: str, word: str | None) -> str:
    return f"{message} ({word})" if word else message
