"""Pixazo's examples: seed 004 and providers.md section 4."""

from __future__ import annotations

import base64
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

ID = "minimax-hailuo-ai_019dxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
TOKEN = uuid.UUID("12c20a98-991b-459f-b3a3-41741a7dfd19")
SENT_AT = datetime(2026, 3, 31, 10, 0, 59, tzinfo=UTC)  # by our clock, 59 s before theirs
JOB = Job(id=ID, token=TOKEN, model="hailuo-2.3", mode="text-to-video", sent_at=SENT_AT)
VIDEO = (
    "https://pub-582b7213209642b9b995c96c95a30381.r2.dev"
    "/v1/minimax-hailuo-ai_019dxxxx-xxxx/output.ext"
)
ROUTE = "https://gateway.pixazo.ai/minimax-hailuo-ai/v1/"

OPTIONS = ("prompt_optimizer", "fast_pretreatment")


def reply(name: str, status: int = 200) -> Reply:
    return recorded("pixazo", name, status)


def error(status: int, what: str = "Something", message: str = "Their words.") -> Reply:
    return says({"error": what, "message": message}, status)


def changed(**members: Any) -> Reply:
    """The answer about a finished request, with something else about it."""
    return says({**document("pixazo", "completed"), **members})


def read(requests: Sequence[httpx.Request]) -> Wish:
    (request,) = requests
    body = json.loads(request.content)
    assert str(request.url).startswith(ROUTE)
    assert "callback_url" not in body
    frame = body.get("first_frame_image", "")
    return Wish(
        provider_model=str(request.url).removeprefix(ROUTE),
        prompt=body["prompt"],
        resolution=body["resolution"],
        duration=body["duration"],
        prompt_optimizer=body["prompt_optimizer"],
        fast_pretreatment=body["fast_pretreatment"],
        watermark=body["aigc_watermark"],
        image=base64.b64decode(frame.partition(";base64,")[2]) if frame else None,
        webhook_url=request.headers.get("x-webhook-url"),
    )


def bare(request: httpx.Request) -> object:
    """Their examples say every default themselves; only the frame travels differently."""
    body = json.loads(request.content)
    if "first_frame_image" in body:
        assert body["first_frame_image"].startswith("data:image/png;base64,")
        body["first_frame_image"] = "(the frame)"
    return body


def documented(name: str) -> Documented:
    request = document("pixazo", name)["request"]
    has_frame = "first_frame_image" in request
    if has_frame:
        request["first_frame_image"] = "(the frame)"
    order = RenderOrder(
        token=TOKEN,
        model="hailuo-2.3-fast" if has_frame else "hailuo-2.3",
        mode="image-to-video" if has_frame else "text-to-video",
        prompt=request["prompt"],
        resolution=request["resolution"],
        duration=request["duration"],
        watermark=request["aigc_watermark"],
        image=FRAME if has_frame else None,
        **{option: request[option] for option in OPTIONS},
    )
    return Documented(order=order, request=request)


def failed(code: str, message: str, *, charged: bool | None = None) -> Snapshot:
    return Snapshot(JobState.FAILED, failure=Failure(code, message, charged=charged))


WORKING = Snapshot(JobState.WORKING)
DONE = Snapshot(JobState.DONE, video_url=VIDEO)
MISSING = Snapshot(JobState.MISSING)
SYSTEM_ERROR = failed("provider_error", "Description of the error", charged=False)
MODERATED = failed("content_policy", "input new_sensitive, status_code: 1026")
EMPTY = failed("provider_error", "Finished without a video.")

EXAMPLES = Examples(
    base_url="https://gateway.pixazo.ai",
    job=JOB,
    read=read,
    bare=bare,
    documented=[documented("seed-text-to-video"), documented("seed-image-to-video")],
    accepted=[
        (reply("accepted", 202),),
        (reply("accepted"),),
        (reply("accepted", 201),),
        (reply("accepted-with-output"),),
        (reply("accepted-with-bare-output"),),
        (reply("error", 202),),
    ],
    looks=[
        ((reply("queued"),), WORKING),
        ((reply("processing"),), WORKING),
        ((reply("accepted"),), WORKING),
        ((changed(status="RENDERING"),), WORKING),
        ((changed(status="completed"),), DONE),
        ((reply("completed"),), DONE),
        ((reply("completed-with-a-string"),), DONE),
        ((reply("accepted-with-output"),), DONE),
        ((reply("completed-without-video"),), EMPTY),
        ((changed(output=None),), EMPTY),
        ((reply("failed"),), failed("provider_error", "The model could not make this clip.")),
        ((reply("failed-by-moderation"),), MODERATED),
        (
            (changed(status="FAILED", error="Against our usage policy"),),
            failed("content_policy", "Against our usage policy"),
        ),
        (
            (changed(status="FAILED", error={"message": "output sensitive"}),),
            failed("content_policy", "output sensitive"),
        ),
        ((changed(status="FAILED", error="1027"),), failed("content_policy", "1027")),
        ((changed(status="FAILED", error="job 10277"),), failed("provider_error", "job 10277")),
        ((changed(status="FAILED", error=None),), failed("provider_error", "")),
        ((reply("error"),), SYSTEM_ERROR),
        ((reply("not-found", 404),), MISSING),
    ],
    silent=[(changed(request_id="minimax-hailuo-ai_another"),)],
    submit_errors=[
        ((reply("insufficient-balance", 402),), Misconfigured, "misconfigured"),
        ((reply("model-not-found", 400),), Unavailable, "model_unavailable"),
        ((error(400),), Refused, "invalid_request"),
        ((error(400, message="The prompt is sensitive (1026)"),), Refused, "content_policy"),
        ((error(400, "Content policy", ""),), Refused, "content_policy"),
        ((reply("gateway-unauthorized", 401),), Misconfigured, "misconfigured"),
        ((error(401),), Misconfigured, "misconfigured"),
        ((error(403),), Misconfigured, "misconfigured"),
        ((reply("gateway-no-route", 404),), Unavailable, "model_unavailable"),
        ((error(422),), Refused, "invalid_request"),
        ((error(429),), Busy, "busy"),
        ((error(500),), Unclear, "outcome_unknown"),
        ((error(500, "Model not found"),), Unclear, "outcome_unknown"),
        ((error(502),), Unclear, "outcome_unknown"),
        ((error(503),), Busy, "busy"),
        ((error(202),), Unclear, "outcome_unknown"),
        ((reply("model-not-found"),), Unclear, "outcome_unknown"),
        ((says({"status": "QUEUED"}, 202),), Unclear, "outcome_unknown"),
        ((says({"request_id": "../status", "status": "QUEUED"}, 202),), Unclear, "outcome_unknown"),
        ((says({"request_id": ID, "status": "QUEUED"}, 500),), Unclear, "outcome_unknown"),
    ],
    look_errors=[
        ((reply("gateway-unauthorized", 401),), Misconfigured),
        ((error(402),), Misconfigured),
        ((error(403),), Misconfigured),
        ((error(429),), Busy),
        ((error(500),), Busy),
        ((reply("model-not-found", 400),), Busy),
        ((reply("gateway-no-route", 404),), Busy),
        ((error(200),), Busy),
        ((says(document("pixazo", "completed"), 500),), Busy),
        ((says({}),), Busy),
        ((says({"request_id": ID}),), Busy),
    ],
    knocks=[
        (reply("completed").body, ID),
        (reply("error").body, ID),
        (b'{"request_id": " abc "}', "abc"),
        (b'{"request_id": "../../v2/requests"}', None),
        (b'{"request_id": ".."}', None),
        (b'{"request_id": 5}', None),
        (b'{"request_id": "' + b"x" * 129 + b'"}', None),
        (b'{"hello": "there"}', None),
        (b"{}", None),
    ],
    recognised=[
        ((reply("completed"),), DONE),
        ((reply("processing"),), WORKING),
        ((reply("failed-by-moderation"),), MODERATED),
        ((reply("not-found", 404),), MISSING),
        ((reply("error"),), SYSTEM_ERROR),  # it does not say when it was created
        ((reply("accepted"),), WORKING),
        ((changed(request_id="minimax-hailuo-ai_another"),), MISSING),
        ((changed(request_id=None),), MISSING),
        ((changed(model_id="kling-ai-video"),), MISSING),
        ((changed(model_id=None),), DONE),
        ((changed(created_at="2026-03-31T09:59:59.000Z"),), DONE),
        ((changed(created_at="2026-03-31T09:59:58.999Z"),), MISSING),
        ((changed(created_at="2026-03-31T12:00:00+02:00"),), DONE),
        ((changed(created_at="2026-03-31T11:59:00+02:00"),), MISSING),
        ((changed(created_at="yesterday"),), MISSING),
        ((changed(created_at=None),), DONE),
    ],
)
