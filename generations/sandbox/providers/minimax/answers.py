"""
What MiniMax says: `base_resp` in every answer, and HTTP 200 for its own errors. providers.md 6.3,
6.4, 6.6.

Where the document has no sentence for a code, it is that of their newer endpoints, or plain words.
"""

from __future__ import annotations

import time

from aiohttp import web

from generations.sandbox.faults import Refusal
from generations.sandbox.knobs import Settings, word
from generations.sandbox.providers.base import Body
from generations.sandbox.records import Job

MESSAGES = {
    0: "success",
    1000: "unknown error",
    1001: "request timeout",
    1002: "rate limit, please retry later",
    1004: "login fail: Please carry the API secret key in the 'Authorization' field of the request"
    " header",
    1008: "insufficient balance",
    1024: "internal error",
    1026: "video description contains sensitive content",
    1027: "generated video contains sensitive content",
    1028: "token plan quota exhausted",
    1030: "token plan quota exhausted",
    1033: "system error, please retry later",
    1039: "token limit",
    1041: "connection limit",
    1042: "too many invisible characters",
    2013: "invalid params",
    2045: "rate growth limit",
    2049: "invalid api key",
    2061: "your current token plan does not support this model",
}

REASONS = {
    "bad_key": 2049,
    "content_policy": 1026,
    "insufficient_credits": 1008,
    "invalid": 2013,
    "invalid_key": 1004,
    "model_unavailable": 2061,
    "no_key": 1004,
    "not_found": 2013,
    "overloaded": 1033,
    "rate_limited": 1002,
    "server_error": 1000,
    "told": 1000,
}

#: What proxies and servers say before the API itself has read anything; HTTP statuses of their own.
OUTSIDE = ("invalid_key", "overloaded", "rate_limited", "server_error")

#: The HTTP statuses that also occur (knob `http-errors`).
STATUSES = {
    1001: 408,
    1002: 429,
    1004: 401,
    1008: 402,
    1026: 422,
    1027: 422,
    1028: 402,
    1030: 402,
    1041: 429,
    2013: 400,
    2045: 429,
    2049: 401,
    2061: 403,
}

#: Its code for a render that fails, by knob. Of a failure without a reason only the status tells;
#: 1026 and 1027 come with it (providers.md 6.4).
FAILURES = {
    "fail": {"code": "0", "message": MESSAGES[0]},
    "moderation-render": {"code": "1027", "message": MESSAGES[1027]},
}

BROKEN = {"code": "1033", "message": MESSAGES[1033]}

#: The plan is counted by day and by week (MiniMax's own command line: names, prefix, milliseconds).
WINDOWS = (
    ("current_interval", "", 24 * 60 * 60 * 1000),
    ("current_weekly", "weekly_", 7 * 24 * 60 * 60 * 1000),
)

#: A render goes through these words; the last one from this share of its time on.
WAITING = (("Preparing", 10), ("Queueing", 30), ("Processing", 100))


def refused(settings: Settings, refusal: Refusal, **more: str) -> web.Response:
    """
    A refusal.

    :param more: what stands beside `base_resp` in the answers of this call, mostly empty.
    """
    code = int(refusal.code or REASONS[refusal.reason])
    status = refusal.status
    if refusal.reason not in OUTSIDE:
        status = STATUSES.get(code, 500) if "http-errors" in settings else 200
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    body = {**more, **base(code, refusal.message)}
    return web.json_response(body, status=status, headers=headers)


def base(code: int = 0, detail: str | None = None) -> Body:
    message = MESSAGES.get(code, "error")
    text = f"{message}, {detail}" if detail else message
    return {"base_resp": {"status_code": code, "status_msg": text}}


def status(job: Job, file_id: int) -> Body:
    """The answer to a query; the file's id is a string here (providers.md 6.3)."""
    head: Body = {"task_id": job.uuid}
    if job.state == "succeeded":
        size = {"video_width": job.clip.width, "video_height": job.clip.height}
        return {**head, "status": "Success", "file_id": str(file_id), **size, **base()}
    if job.state == "failed":
        failed = "Failed" if "failed-word" in job.knobs else "Fail"
        return {**head, "status": failed, **base(int((job.error or {})["code"]))}
    return {**head, "status": _waiting(job), **base()}


def callback(answer: Body) -> Body:
    """A query's answer as it is posted: the words are others, in lower case (providers.md 6.6)."""
    words = {"Success": "success", "Fail": "failed", "Failed": "failed"}
    return {**answer, "status": words.get(answer["status"], "processing")}


def file(job: Job, file_id: int, address: str) -> Body:
    """The answer to a retrieve: its id is a number here, its size always 0 (providers.md 6.3)."""
    found = {
        "file_id": file_id,
        "bytes": 0,
        "created_at": int(job.finished_at or 0),
        "filename": "output_aigc.mp4",
        "purpose": "video_generation",
        "download_url": address,
    }
    return {"file": found, **base()}


def plan(percent: int) -> Body:
    """The answer to a question about the plan: how much of it is left."""
    left: Body = {"model_name": "video"}
    for window in WINDOWS:
        left |= _window(*window, percent, int(time.time() * 1000))
    return {"model_remains": [left], **base()}


def _window(name: str, prefix: str, length: int, percent: int, now: int) -> Body:
    """What is left in one of the plan's windows; times in milliseconds."""
    return {
        f"{prefix}start_time": now - now % length,
        f"{prefix}end_time": now + -now % length,
        f"{prefix}remains_time": -now % length,
        f"{name}_total_count": 100,
        f"{name}_usage_count": 100 - percent,
        f"{name}_remaining_percent": percent,
        f"{name}_status": 1 if percent else 2,
    }


def _waiting(job: Job) -> str:
    progress = job.progress(time.time())
    told = word(job.knobs, "status-word")
    return told or next(name for name, until in WAITING if progress < until)
