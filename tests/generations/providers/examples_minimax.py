"""MiniMax's examples: its own pages, and providers.md section 6."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from generations.providers.base import (
    Busy,
    Failure,
    Job,
    JobState,
    Misconfigured,
    ProviderError,
    Refused,
    RenderOrder,
    Snapshot,
    Unavailable,
    Unclear,
)
from tests.generations.providers.examples import FRAME, Documented, Examples, Wish
from tests.generations.providers.wire import Reply, document, recorded, says

TASK = "106916112212032"
FILE = "176844028768320"
SENT = datetime(2026, 11, 21, 10, tzinfo=UTC)
MADE = SENT + timedelta(seconds=95)
JOB = Job(
    id=TASK,
    token=uuid.UUID("12c20a98-991b-459f-b3a3-41741a7dfd19"),
    model="hailuo-2.3",
    mode="text-to-video",
    resolution="768P",
    duration=6,
    sent_at=SENT,
)
DOCUMENTED = ("documented-book-in-1080p", "documented-mouse-from-image")

#: What we add to the requests of the pages: their defaults, said aloud.
DEFAULTS = {"prompt_optimizer": True, "fast_pretreatment": False, "aigc_watermark": False}

#: providers.md 6.4: a code and what a submission, answered with HTTP 200, makes of it.
CODES: list[tuple[int, type[ProviderError], str]] = [
    (1000, Unclear, "outcome_unknown"),
    (1001, Unclear, "outcome_unknown"),
    (1002, Busy, "busy"),
    (1004, Misconfigured, "misconfigured"),
    (1008, Misconfigured, "misconfigured"),
    (1013, Unclear, "outcome_unknown"),
    (1024, Unclear, "outcome_unknown"),
    (1026, Refused, "content_policy"),
    (1027, Refused, "content_policy"),
    (1028, Misconfigured, "misconfigured"),
    (1030, Misconfigured, "misconfigured"),
    (1033, Unclear, "outcome_unknown"),
    (1039, Refused, "invalid_request"),
    (1041, Busy, "busy"),
    (1042, Refused, "invalid_request"),
    (2013, Refused, "invalid_request"),
    (2045, Busy, "busy"),
    (2049, Misconfigured, "misconfigured"),
    (2056, Misconfigured, "misconfigured"),
    (2061, Unavailable, "model_unavailable"),
    (7777, Unclear, "outcome_unknown"),
    (0, Unclear, "outcome_unknown"),
]
OUR_CODES = (1004, 1008, 1028, 1030, 2049, 2056)
BUSY_CODES = (1000, 1001, 1002, 1013, 1024, 1033, 1039, 1041, 2045, 7777)


def verdict(code: int, message: str = "Their words.", **members: Any) -> Reply:
    return says({**members, "base_resp": {"status_code": code, "status_msg": message}})


def newer_error(code: int, status: int) -> Reply:
    error = {"type": "their_error", "message": f"Their words ({code})", "http_code": str(status)}
    return says({"type": "error", "error": error}, status)


def a_task(status: Any, **members: Any) -> Reply:
    return verdict(0, "success", **{"task_id": TASK, "status": status, **members})


def a_file(**members: Any) -> Reply:
    return verdict(0, "success", file={**document("minimax", "file")["file"], **members})


def reply(name: str, status: int = 200) -> Reply:
    return recorded("minimax", name, status)


VIDEO = document("minimax", "file")["file"]["download_url"]


def documented_order(name: str) -> RenderOrder:
    request = document("minimax", name)["request"]
    has_frame = "first_frame_image" in request
    return RenderOrder(
        token=JOB.token,
        model="hailuo-2.3",
        mode="image-to-video" if has_frame else "text-to-video",
        prompt=request["prompt"],
        resolution=request["resolution"],
        duration=request["duration"],
        image=FRAME if has_frame else None,
    )


def documented(name: str) -> Documented:
    request = document("minimax", name)["request"]
    if "first_frame_image" in request:
        request["first_frame_image"] = "(the frame)"
    return Documented(order=documented_order(name), request=request)


def read(requests: Sequence[httpx.Request]) -> Wish:
    body = json.loads(requests[0].content)
    frame = body.get("first_frame_image", "")
    return Wish(
        provider_model=body["model"],
        prompt=body["prompt"],
        resolution=body["resolution"],
        duration=body["duration"],
        prompt_optimizer=body["prompt_optimizer"],
        fast_pretreatment=body["fast_pretreatment"],
        watermark=body["aigc_watermark"],
        image=base64.b64decode(frame.partition(";base64,")[2]) if frame else None,
        webhook_url=body.get("callback_url"),
    )


def bare(request: httpx.Request) -> object:
    """A request without what we add, and with the frame's address where we send its bytes."""
    body = json.loads(request.content)
    assert {name: body.pop(name) for name in DEFAULTS} == DEFAULTS
    if "first_frame_image" in body:
        assert body["first_frame_image"].startswith("data:image/png;base64,")
        body["first_frame_image"] = "(the frame)"
    return body


def failed(code: str, message: str) -> Snapshot:
    return Snapshot(JobState.FAILED, failure=Failure(code, message, charged=False))


WORKING = Snapshot(JobState.WORKING)
MISSING = Snapshot(JobState.MISSING)
DONE = Snapshot(JobState.DONE, video_url=VIDEO, expires_at=MADE + timedelta(seconds=33_300))
UNKNOWN_TASK = verdict(2013, "invalid params, task_id")

LOOKS: list[tuple[tuple[Reply, ...], Snapshot]] = [
    ((reply("query-preparing"),), WORKING),
    ((reply("query-queueing"),), WORKING),
    ((reply("query-processing"),), WORKING),
    ((reply("query-success"), reply("file")), DONE),
    ((reply("query-success"), a_file(file_id=FILE, bytes=5896337)), DONE),
    ((reply("query-fail"),), failed("content_policy", "output new_sensitive")),
    ((a_task("Fail"),), failed("provider_error", "The render failed.")),
    ((a_task("Failed"),), failed("provider_error", "The render failed.")),
    (
        (verdict(1026, "input new_sensitive", task_id=TASK, status="Fail"),),
        failed("content_policy", "input new_sensitive"),
    ),
    (
        (verdict(1033, "system error", task_id=TASK, status="Fail"),),
        failed("provider_error", "system error"),
    ),
    ((verdict(1001, "timeout", task_id=TASK, status="Fail"),), failed("timeout", "timeout")),
]

EXAMPLES = Examples(
    base_url="https://api.minimax.io",
    job=JOB,
    read=read,
    bare=bare,
    documented=[documented(name) for name in DOCUMENTED],
    accepted=[
        (reply("accepted"),),
        (says({"task_id": int(TASK), "base_resp": {"status_code": 0}}),),
        (says({"task_id": TASK}),),
    ],
    looks=[
        *LOOKS,
        ((UNKNOWN_TASK,), MISSING),
        ((reply("query-success"), UNKNOWN_TASK), MISSING),
        (
            (reply("query-success"), verdict(1027, "output new_sensitive")),
            failed("content_policy", "output new_sensitive"),
        ),
    ],
    silent=[
        (verdict(0, "success"),),
        (verdict(0, "success", task_id=TASK, status=""),),
    ],
    submit_errors=[
        *(((verdict(code, task_id=""),), kind, ours) for code, kind, ours in CODES),
        ((reply("error"),), Refused, "invalid_request"),
        ((reply("error-of-newer-form", 422),), Refused, "content_policy"),
        ((newer_error(2013, 400),), Refused, "invalid_request"),
        ((newer_error(1004, 401),), Misconfigured, "misconfigured"),
        ((newer_error(1008, 402),), Misconfigured, "misconfigured"),
        ((newer_error(1002, 429),), Busy, "busy"),
        ((newer_error(1000, 500),), Unclear, "outcome_unknown"),
        ((newer_error(2013, 500),), Unclear, "outcome_unknown"),
        ((newer_error(1026, 504),), Unclear, "outcome_unknown"),
        ((newer_error(1001, 408),), Unclear, "outcome_unknown"),
    ],
    look_errors=[
        *(((verdict(code),), Misconfigured) for code in OUR_CODES),
        *(((verdict(code),), Busy) for code in BUSY_CODES),
        *(((reply("query-success"), verdict(code)), Misconfigured) for code in OUR_CODES),
        *(((reply("query-success"), verdict(code)), Busy) for code in BUSY_CODES),
        ((verdict(1002, task_id=TASK, status="Fail"),), Busy),
        ((verdict(1004, task_id=TASK, status="Fail"),), Misconfigured),
        ((newer_error(1004, 401),), Misconfigured),
        ((newer_error(1002, 429),), Busy),
        ((newer_error(1000, 500),), Busy),
        ((newer_error(1026, 422),), Busy),
        ((reply("query-fail", 500),), Busy),
        ((reply("query-success"), reply("file", 503)), Busy),
        ((reply("query-success"), says({})), Busy),
    ],
    recognised=[
        *LOOKS,
        ((UNKNOWN_TASK,), MISSING),
        ((verdict(0, "success"),), MISSING),
        ((verdict(0, "success", status="Processing"),), MISSING),
        ((a_task("Processing", task_id="115334141465231360"),), MISSING),
        ((a_task("Success", file_id=FILE, video_width=1920, video_height=1080),), MISSING),
        ((reply("query-success"), a_file(created_at=int(SENT.timestamp()) - 61)), MISSING),
    ],
    knocks=[
        (reply("callback-processing").body, TASK),
        (reply("callback-success").body, TASK),
        (reply("callback-failed").body, TASK),
        (b'{"task_id":106916112212032}', TASK),
        (b'{"task_id":"../../etc/passwd"}', None),
        (b'{"task_id":1.5}', None),
        (b'{"hello":"there"}', None),
        (reply("callback-challenge").body, None),
    ],
)
