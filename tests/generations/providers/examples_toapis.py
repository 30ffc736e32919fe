"""ToAPIs' examples: seed 003, the pages it belongs to, and providers.md section 3."""

from __future__ import annotations

import email
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from generations.providers.base import (
    Busy,
    Failure,
    Job,
    JobState,
    Misconfigured,
    Refused,
    RenderOrder,
    Snapshot,
    Unavailable,
    Unclear,
)
from tests.generations.providers.examples import FRAME, Documented, Examples, Wish
from tests.generations.providers.wire import Reply, document, recorded, says

ID = "vid_01J9HA7JPQ9A0Z6JZ3V8M9W6PZ"
TOKEN = uuid.UUID("12c20a98-991b-459f-b3a3-41741a7dfd19")
JOB = Job(id=ID, token=TOKEN, model="hailuo-2.3", mode="text-to-video")
VIDEO = "https://files.dashlyai.cc/sora/7712af45-ca35-4a15-b800-f20ea623665b.mp4"
UPLOADED = "https://files.toapis.com/uploads/123/1737568800_abc12345.jpg"
A_DAY_LATER = datetime(2026, 1, 15, 8, 48, 34, tzinfo=UTC)  # their expires_at, 1768466914

PAGES = (
    "page-text-to-video",
    "page-image-to-video",
    "page-image-to-video-fast",
    "page-camera-control",
    "page-ten-seconds",
)

DEFAULTS = {"prompt_optimizer": True, "fast_pretreatment": False}
NO_MARK = {"watermark": False}

#: providers.md 3.4: a status, the error's type, its code, and what a submit makes of it.
ERRORS: list[tuple[int, str | None, Any, type[Exception], str]] = [
    (400, "invalid_request", "invalid_request", Refused, "invalid_request"),
    (400, "invalid_request", 400, Refused, "invalid_request"),
    (400, "content_policy_violation", 400, Refused, "content_policy"),
    (401, "unauthorized", "unauthorized", Misconfigured, "misconfigured"),
    (401, "authentication_error", 401, Misconfigured, "misconfigured"),
    (401, "invalid_request", "invalid_api_key", Misconfigured, "misconfigured"),
    (402, "insufficient_quota", "insufficient_quota", Misconfigured, "misconfigured"),
    (402, "insufficient_quota", 402, Misconfigured, "misconfigured"),
    (403, "new_api_error", "insufficient_user_quota", Misconfigured, "misconfigured"),
    (403, None, "insufficient_user_quota", Misconfigured, "misconfigured"),
    (403, "forbidden", 403, Misconfigured, "misconfigured"),
    (404, "not_found_error", 404, Unavailable, "model_unavailable"),
    (404, "new_api_error", "model_not_found", Unavailable, "model_unavailable"),
    (503, "new_api_error", "model_not_found", Unavailable, "model_unavailable"),
    (404, "something_new", None, Refused, "invalid_request"),
    (422, "content_policy_violation", "content_policy_violation", Refused, "content_policy"),
    (422, None, 422, Refused, "content_policy"),
    (422, "something_new", None, Refused, "invalid_request"),
    (429, "rate_limit_exceeded", "rate_limit_exceeded", Busy, "busy"),
    (429, "rate_limit_exceeded", 429, Busy, "busy"),
    (429, "something_new", None, Busy, "busy"),
    (500, "internal_error", "internal_error", Unclear, "outcome_unknown"),
    (500, "internal_error", 500, Unclear, "outcome_unknown"),
    (500, "rate_limit_exceeded", None, Unclear, "outcome_unknown"),
    (502, "insufficient_quota", None, Unclear, "outcome_unknown"),
    (504, "content_policy_violation", None, Unclear, "outcome_unknown"),
    (408, "invalid_request", None, Unclear, "outcome_unknown"),
    (503, "something_new", None, Busy, "busy"),
    (200, "insufficient_quota", "insufficient_quota", Misconfigured, "misconfigured"),
    (200, "rate_limit_exceeded", 429, Busy, "busy"),
    (200, "invalid_request", "invalid_request", Refused, "invalid_request"),
    (200, "content_policy_violation", None, Refused, "content_policy"),
    (200, "internal_error", "internal_error", Unclear, "outcome_unknown"),
    (200, "something_new", None, Unclear, "outcome_unknown"),
]


def reply(name: str, status: int = 200) -> Reply:
    return recorded("toapis", name, status)


def error(status: int, kind: str | None, code: Any, message: str = "Their words.") -> Reply:
    entry = {"code": code, "message": message, "type": kind}
    return says({"error": {key: value for key, value in entry.items() if value}}, status)


def read(requests: Sequence[httpx.Request]) -> Wish:
    body = json.loads(requests[-1].content)
    metadata = body["metadata"]
    assert ("image_urls" in body) == (len(requests) == 2)
    assert body.get("image_urls", [UPLOADED]) == [UPLOADED]
    return Wish(
        provider_model=body["model"],
        prompt=body["prompt"],
        resolution=body["resolution"],
        duration=body["duration"],
        prompt_optimizer=metadata["prompt_optimizer"],
        fast_pretreatment=metadata["fast_pretreatment"],
        watermark=metadata["watermark"],
        image=form(requests[0])["file"] if len(requests) == 2 else None,
    )


def form(request: httpx.Request) -> dict[str, bytes]:
    """The parts of an uploaded form, by name."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.content)
    parts: Any = message.get_payload()
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in parts
    }


def bare(request: httpx.Request) -> object:
    """An order without what we add, and with a placeholder for the frame's address."""
    body = json.loads(request.content)
    metadata = body.pop("metadata")
    assert {name: metadata.pop(name) for name in NO_MARK} == NO_MARK
    if metadata != DEFAULTS:
        body["metadata"] = metadata
    if "image_urls" in body:
        assert body["image_urls"] == [UPLOADED]
        body["image_urls"] = ["(the frame)"]
    return body


def documented(name: str) -> Documented:
    request = document("toapis", name)["request"]
    has_frame = "image_urls" in request
    if has_frame:
        request["image_urls"] = ["(the frame)"]
    order = RenderOrder(
        token=TOKEN,
        model="hailuo-2.3-fast" if request["model"].endswith("-Fast") else "hailuo-2.3",
        mode="image-to-video" if has_frame else "text-to-video",
        prompt=request["prompt"],
        resolution=request["resolution"],
        duration=request["duration"],
        image=FRAME if has_frame else None,
        **{**DEFAULTS, **request.get("metadata", {})},
    )
    return Documented(order=order, request=request)


def failed(code: str, message: str) -> Snapshot:
    return Snapshot(JobState.FAILED, failure=Failure(code, message))


DONE = Snapshot(JobState.DONE, video_url=VIDEO, progress=100, expires_at=A_DAY_LATER)
MISSING = Snapshot(JobState.MISSING)
OF_ANOTHER = says({**document("toapis", "completed"), "id": "vid_another"})

EXAMPLES = Examples(
    base_url="https://toapis.com/v1",
    job=JOB,
    read=read,
    bare=bare,
    documented=[documented(name) for name in PAGES],
    preamble=(reply("uploaded"),),
    accepted=[
        (reply("accepted"),),
        (reply("accepted-older"),),
        (reply("accepted-by-task-id"),),
        (reply("submitted", 201),),
        (reply("accepted-completed"),),
        (reply("failed"),),
    ],
    looks=[
        ((reply("queued"),), Snapshot(JobState.WORKING, progress=0)),
        ((reply("submitted"),), Snapshot(JobState.WORKING, progress=0)),
        ((reply("in-progress"),), Snapshot(JobState.WORKING, progress=65)),
        ((says({"status": "rendering"}),), Snapshot(JobState.WORKING)),
        ((says({"status": None}),), Snapshot(JobState.WORKING)),
        ((says({"status": "queued", "id": "vid_1", "task_id": ID}),), Snapshot(JobState.WORKING)),
        ((reply("completed"),), DONE),
        ((reply("completed-at-the-top"),), DONE),
        ((reply("completed-in-one-object"),), DONE),
        (
            (reply("completed-without-video"),),
            failed("provider_error", "Finished without a video."),
        ),
        (
            (reply("failed"),),
            failed("content_policy", "Generation failed: Content violates the content policy"),
        ),
        ((reply("failed-in-chinese"),), failed("content_policy", "生成失败: 内容违反了内容政策")),
        ((reply("failed-by-code"),), failed("content_policy", "Refused.")),
        ((reply("failed-by-number"),), failed("provider_error", "Upstream error")),
        ((reply("failed-for-a-reason"),), failed("provider_error", "The model stopped.")),
        (
            (says({"status": "failed", "error": {"code": "invalid_request"}}),),
            failed("invalid_request", "invalid_request"),
        ),
        ((says({"status": "failed", "error": "Stopped."}),), failed("provider_error", "Stopped.")),
        ((says({"status": "failed"}),), failed("provider_error", "")),
        ((reply("not-found", 404),), MISSING),
        ((reply("not-found"),), MISSING),
        ((error(404, "task_not_found", "task_not_found"),), MISSING),
        (
            (error(422, "content_policy_violation", 422),),
            failed("content_policy", "Their words."),
        ),
    ],
    silent=[(OF_ANOTHER,)],
    submit_errors=[
        *(
            ((error(status, kind, code),), expected, ours)
            for status, kind, code, expected, ours in ERRORS
        ),
        (
            (error(400, "invalid_request", 400, "It violates the content policy"),),
            Refused,
            "content_policy",
        ),
        ((says({"success": False, "message": "No."}, 400),), Refused, "invalid_request"),
        (
            (says({"code": "insufficient_user_quota", "message": "No."}, 403),),
            Misconfigured,
            "misconfigured",
        ),
        ((says({"success": False, "message": "No."}),), Unclear, "outcome_unknown"),
        ((says({"status": "queued"}),), Unclear, "outcome_unknown"),
        ((says({"id": "../../etc", "status": "queued"}),), Unclear, "outcome_unknown"),
        ((says({"id": "..", "status": "queued"}),), Unclear, "outcome_unknown"),
        ((says({"id": ID, "status": "queued"}, 500),), Unclear, "outcome_unknown"),
    ],
    look_errors=[
        ((reply("unauthorized", 401),), Misconfigured),
        ((reply("unauthorized"),), Misconfigured),
        ((error(402, "insufficient_quota", 402),), Misconfigured),
        ((error(403, "new_api_error", "insufficient_user_quota"),), Misconfigured),
        ((error(429, "rate_limit_exceeded", 429),), Busy),
        ((error(500, "internal_error", 500),), Busy),
        ((error(503, "something_new", None),), Busy),
        ((error(400, "invalid_request", 400),), Busy),
        ((error(404, "something_new", None),), Busy),
        ((error(422, "something_new", None),), Busy),
        ((error(400, "content_policy_violation", 400),), Busy),
        ((error(200, "content_policy_violation", 422),), Busy),
        ((error(500, "not_found_error", 404),), Busy),
        ((says({**document("toapis", "completed")}, 500),), Busy),
        ((says({}),), Busy),
        ((says({"id": ID}),), Busy),
    ],
)
