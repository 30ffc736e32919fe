"""Cloudflare's examples: seeds 000 and 001, and providers.md section 1."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
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

TOKEN = uuid.UUID("12c20a98-991b-459f-b3a3-41741a7dfd19")
TASK = "388507504709991"
JOB = Job(
    id=TASK,
    token=TOKEN,
    model="hailuo-2.3",
    mode="text-to-video",
    resolution="768P",
    duration=6,
    sent_at=datetime(2026, 11, 21, 9, 58, tzinfo=UTC),
)
VIDEO = (
    "https://video-product.cdn.minimax.io/inference_output/video/2026-04-17/"
    "97d0c2d0-45ab-4ce8-a1f4-177401f43073/output.mp4"
)
MODELS = {"minimax/hailuo-2.3": "hailuo-2.3", "minimax/hailuo-2.3-fast": "hailuo-2.3-fast"}

#: With a request and a response each; the examples of the Fast page show no response.
SEEDS = (
    "seed-golden-retriever",
    "seed-sushi-chef-in-1080p",
    "seed-still-image-animated",
    "seed-fireworks-with-fast-pretreatment",
)
FAST_SEEDS = (
    "seed-fast-gentle-movement",
    "seed-fast-photo-in-1080p",
    "seed-fast-hair-in-the-wind",
)

#: Required by the schema, and yet left out by the examples of the Fast page: we say them aloud.
DEFAULTS = {"prompt_optimizer": True, "fast_pretreatment": False}

#: providers.md 1.6: a code, the HTTP status it comes with, and what a submit makes of it.
CODES: list[tuple[int | str, int, type[Exception], str]] = [
    (5007, 400, Unavailable, "model_unavailable"),
    (5007, 200, Unavailable, "model_unavailable"),
    (5004, 400, Refused, "invalid_request"),
    (3003, 400, Refused, "invalid_request"),
    (3006, 413, Refused, "invalid_request"),
    (3042, 404, Unavailable, "model_unavailable"),
    (10000, 401, Misconfigured, "misconfigured"),
    (10000, 400, Misconfigured, "misconfigured"),
    (3023, 403, Misconfigured, "misconfigured"),
    (3041, 403, Misconfigured, "misconfigured"),
    (5018, 403, Misconfigured, "misconfigured"),
    (3036, 429, Misconfigured, "misconfigured"),
    (3040, 429, Busy, "busy"),
    (3007, 408, Unclear, "outcome_unknown"),
    (3008, 408, Unclear, "outcome_unknown"),
    (3007, 400, Unclear, "outcome_unknown"),
    (2021, 402, Misconfigured, "misconfigured"),
    (2021, 400, Misconfigured, "misconfigured"),
    (2016, 424, Refused, "content_policy"),
    (2017, 424, Refused, "content_policy"),
    (9999, 400, Refused, "invalid_request"),
    (9999, 402, Misconfigured, "misconfigured"),
    (9999, 429, Busy, "busy"),
    (9999, 200, Unclear, "outcome_unknown"),
    (9999, 500, Unclear, "outcome_unknown"),
    (9999, 503, Unclear, "outcome_unknown"),
    (9999, 524, Unclear, "outcome_unknown"),
    (5007, 500, Unclear, "outcome_unknown"),
]


def error(code: int | str, status: int = 400, message: str = "Their words.") -> Reply:
    entry = {"code": code, "message": message}
    return says({"result": None, "success": False, "errors": [entry], "messages": []}, status)


def failed(code: str, *, message: str = "Their words.", **more: Any) -> Reply:
    return says({"state": "Failed", "error": {"code": code, "message": message}, **more})


def reply(name: str, status: int = 200) -> Reply:
    return recorded("cloudflare", name, status)


def seed_order(name: str) -> RenderOrder:
    request = document("cloudflare", name)["request"]
    wish = {**DEFAULTS, **request["input"]}
    has_frame = "first_frame_image" in wish
    return RenderOrder(
        token=TOKEN,
        model=MODELS[request["model"]],
        mode="image-to-video" if has_frame else "text-to-video",
        prompt=wish["prompt"],
        resolution=wish["resolution"],
        duration=wish["duration"],
        prompt_optimizer=wish["prompt_optimizer"],
        fast_pretreatment=wish["fast_pretreatment"],
        image=FRAME if has_frame else None,
    )


def read(requests: Sequence[httpx.Request]) -> Wish:
    body = json.loads(requests[0].content)
    assert set(body) == {"model", "input"}
    wish = body["input"]
    frame = wish.get("first_frame_image", "")
    return Wish(
        provider_model=body["model"],
        prompt=wish["prompt"],
        resolution=wish["resolution"],
        duration=wish["duration"],
        prompt_optimizer=wish["prompt_optimizer"],
        fast_pretreatment=wish["fast_pretreatment"],
        image=base64.b64decode(frame.partition(";base64,")[2]) if frame else None,
    )


def bare(request: httpx.Request) -> object:
    """A request with the frame's address where we send its bytes."""
    body = json.loads(request.content)
    return _with_frame_named(body, sent_as="data:image/png;base64,")


def documented(name: str) -> Documented:
    request = document("cloudflare", name)["request"]
    request["input"] = {**DEFAULTS, **request["input"]}
    request = _with_frame_named(request, sent_as="https://replicate.delivery/")
    return Documented(order=seed_order(name), request=request)


def _with_frame_named(body: Any, *, sent_as: str) -> Any:
    if "first_frame_image" in body["input"]:
        assert body["input"]["first_frame_image"].startswith(sent_as)
        body["input"]["first_frame_image"] = "(the frame)"
    return body


def broken(code: str, message: str, *, charged: bool | None = None) -> Snapshot:
    return Snapshot(JobState.FAILED, failure=Failure(code, message, charged=charged))


DONE = Snapshot(JobState.DONE, video_url=VIDEO, cost=Decimal("0.28"))
NO_PAYLOAD = error(7000, 404, "Log payload not found")

#: What the logs say of our token: the list, and the answer they keep.
LOGGED: list[tuple[tuple[Reply, ...], Snapshot]] = [
    ((reply("logs-success"), reply("log-response")), DONE),
    ((reply("logs-success"), reply("log-response-as-text")), DONE),
    ((reply("logs-success"), reply("completed-wrapped")), DONE),
    (
        (reply("logs-success"), reply("log-response-failed")),
        Snapshot(
            JobState.FAILED,
            cost=Decimal("0.28"),
            failure=Failure("content_policy", "The video was flagged as sensitive.", charged=True),
        ),
    ),
    ((reply("logs-success"), NO_PAYLOAD), Snapshot(JobState.WORKING)),
    ((reply("logs-success"), reply("processing")), Snapshot(JobState.WORKING)),
    ((reply("logs-success"), says({})), Snapshot(JobState.WORKING)),
    ((reply("logs-failed"), NO_PAYLOAD), broken("timeout", "The render failed.")),
    (
        (reply("logs-failed"), reply("log-response-failed")),
        broken("content_policy", "The video was flagged as sensitive."),
    ),
]
SILENT = [(reply("logs-empty"),), (reply("logs-of-others"),)]

EXAMPLES = Examples(
    base_url="https://api.cloudflare.com/client/v4",
    options={"account_id": "0d37909e38d3e99c29fa2cd343ac421a", "gateway_id": "reelay"},
    job=JOB,
    read=read,
    bare=bare,
    documented=[documented(name) for name in (*SEEDS, *FAST_SEEDS)],
    accepted=[
        (reply("completed"),),
        (reply("completed-wrapped"),),
        (reply("completed-wrapped-once"),),
        (reply("completed-innermost"),),
        (reply("completed-without-status"),),
        (reply("failed-with-task"),),
    ],
    looks=LOGGED,
    silent=SILENT,
    submit_errors=[
        *(((error(code, status),), kind, ours) for code, status, kind, ours in CODES),
        ((reply("failed-unavailable"),), Unavailable, "model_unavailable"),
        ((reply("failed-by-moderation"),), Refused, "content_policy"),
        ((failed("1026"),), Refused, "content_policy"),
        ((failed("1027"),), Refused, "content_policy"),
        ((failed("insufficient_credits"),), Misconfigured, "misconfigured"),
        ((reply("processing"),), Unclear, "outcome_unknown"),
        ((reply("queued"),), Unclear, "outcome_unknown"),
        ((says({"task_id": TASK}),), Unclear, "outcome_unknown"),
        ((says({"state": "Completed"}),), Unclear, "outcome_unknown"),
    ],
    look_errors=[
        ((error(10000, 401),), Misconfigured),
        ((error(10000, 400),), Misconfigured),
        ((error(9109, 403),), Misconfigured),
        ((error(971, 429),), Busy),
        ((error(7001, 400),), Busy),
        ((error(7003, 404),), Busy),
        ((error(7000, 500),), Busy),
        ((says({"result": {}, "success": True}),), Busy),
        ((says({"result": [], "success": False}),), Busy),
        ((reply("logs-success"), error(10000, 403)), Misconfigured),
        ((reply("logs-success"), error(971, 429)), Busy),
        ((reply("logs-success"), error(7000, 500)), Busy),
    ],
    settled=[*LOGGED, *((replies, Snapshot(JobState.MISSING)) for replies in SILENT)],
    balances=[
        ((reply("balance"),), Decimal("41.37")),
        ((says({"balance": 0, "has_default_payment_method": False}),), Decimal(0)),
        ((says({"success": True, "result": {"balance": 1234.5}}),), Decimal("12.345")),
        ((says({"success": True, "result": {"balance": -50}}),), Decimal("-0.5")),
    ],
)
