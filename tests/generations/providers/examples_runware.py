"""Runware's examples: seed 002 and providers.md section 2."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
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
JOB = Job(id=str(TOKEN), token=TOKEN, model="hailuo-2.3", mode="text-to-video")
OTHER = "97375c0b-7fe1-4361-b9c9-dbe56adbb1ea"  # another task
VIDEO = "https://vm.runware.ai/video/os/a12d13/ws/5/vi/bfe8f918-e001-4d15-99ed-57b2abf769b5.mp4"

SEEDS = (
    "seed-submerged-grand-piano-ballroom",
    "seed-glasshouse-violin-repair-bench",
    "seed-windblown-desert-airship-arrival",
    "seed-rain-slick-arcade-alley",
)

#: What we add to the requests of the seed: their defaults, said aloud, and the cost asked for.
EXPLICIT = {
    "outputType": "URL",
    "outputFormat": "MP4",
    "outputQuality": 95,
    "deliveryMethod": "async",
    "includeCost": True,
    "numberResults": 1,
}

#: providers.md 2.6: a code, the HTTP status it comes with, and what a submit makes of it.
CODES: list[tuple[str, int, type[Exception], str]] = [
    ("invalidApiKey", 401, Misconfigured, "misconfigured"),
    ("missingApiKey", 401, Misconfigured, "misconfigured"),
    ("unauthorized", 401, Misconfigured, "misconfigured"),
    ("forbidden", 403, Misconfigured, "misconfigured"),
    ("permissionDenied", 403, Misconfigured, "misconfigured"),
    ("tokenExpired", 401, Misconfigured, "misconfigured"),
    ("accountSuspended", 403, Misconfigured, "misconfigured"),
    ("authTimeout", 401, Misconfigured, "misconfigured"),
    ("insufficientCredits", 402, Misconfigured, "misconfigured"),
    ("insufficientCredits", 200, Misconfigured, "misconfigured"),
    ("quotaExceeded", 402, Misconfigured, "misconfigured"),
    ("paymentRequired", 402, Misconfigured, "misconfigured"),
    ("dailyQuotaReached", 400, Misconfigured, "misconfigured"),
    ("providerInsufficientCredits", 400, Unavailable, "model_unavailable"),
    ("thirdPartyInsufficientCredits", 402, Unavailable, "model_unavailable"),
    ("rateLimitExceeded", 429, Busy, "busy"),
    ("inferenceRateLimitExceeded", 429, Busy, "busy"),
    ("providerRateLimitExceeded", 200, Busy, "busy"),
    ("noAvailableServer", 503, Busy, "busy"),
    ("contentPolicyViolation", 400, Refused, "content_policy"),
    ("providerContentPolicyViolation", 400, Refused, "content_policy"),
    ("sensitiveContentDetected", 400, Refused, "content_policy"),
    ("unsafeContentDetected", 400, Refused, "content_policy"),
    ("nsfwContentDetected", 200, Refused, "content_policy"),
    ("promptBlocked", 400, Refused, "content_policy"),
    ("imageBlocked", 400, Refused, "content_policy"),
    ("moderationFailed", 400, Refused, "content_policy"),
    ("invalidProviderContent", 400, Refused, "content_policy"),
    ("timeoutProvider", 504, Unclear, "outcome_unknown"),
    ("providerTimeout", 400, Unclear, "outcome_unknown"),
    ("providerGatewayTimeout", 504, Unclear, "outcome_unknown"),
    ("providerError", 500, Unclear, "outcome_unknown"),
    ("providerError", 400, Unclear, "outcome_unknown"),
    ("inferenceError", 500, Unclear, "outcome_unknown"),
    ("taskFailed", 200, Unclear, "outcome_unknown"),
    ("downloadFailed", 400, Unclear, "outcome_unknown"),
    ("uploadFailed", 400, Unclear, "outcome_unknown"),
    ("modelUnavailable", 503, Unavailable, "model_unavailable"),
    ("modelDisabled", 400, Unavailable, "model_unavailable"),
    ("modelNotReady", 400, Unavailable, "model_unavailable"),
    ("unknownModel", 404, Unavailable, "model_unavailable"),
    ("modelNotFound", 404, Unavailable, "model_unavailable"),
    ("invalidPositivePrompt", 400, Refused, "invalid_request"),
    ("invalidModel", 200, Refused, "invalid_request"),
    ("missingDimensionParameters", 400, Refused, "invalid_request"),
    ("unsupportedDuration", 400, Refused, "invalid_request"),
    ("conflictParameters", 400, Refused, "invalid_request"),
    ("duplicateTask", 400, Refused, "invalid_request"),
    ("valueOutOfRange", 400, Refused, "invalid_request"),
    ("valueError", 500, Unclear, "outcome_unknown"),
    ("unknownParameter", 400, Refused, "invalid_request"),
    ("incompatibleParameters", 400, Refused, "invalid_request"),
    ("somethingNew", 400, Refused, "invalid_request"),
    ("somethingNew", 401, Misconfigured, "misconfigured"),
    ("somethingNew", 429, Busy, "busy"),
    ("somethingNew", 503, Busy, "busy"),
    ("somethingNew", 500, Unclear, "outcome_unknown"),
    ("somethingNew", 504, Unclear, "outcome_unknown"),
    ("somethingNew", 200, Unclear, "outcome_unknown"),
]


def an_item(task: str = str(TOKEN), **members: Any) -> dict[str, Any]:
    return {"taskType": "videoInference", "taskUUID": task, **members}


def data(*items: dict[str, Any], status: int = 200, errors: Any = ()) -> Reply:
    return says({"data": items, "errors": errors}, status)


def error(code: str, status: int = 400, *, task: str | None = str(TOKEN), **more: Any) -> Reply:
    entry = {"code": code, "message": "Their words.", "taskType": "videoInference", **more}
    named = entry if task is None else {**entry, "taskUUID": task}
    return says({"data": [], "errors": [named]}, status)


def reply(name: str, status: int = 200) -> Reply:
    return recorded("runware", name, status)


def seed_order(name: str) -> RenderOrder:
    request = document("runware", name)["request"]
    has_frame = "inputs" in request
    return RenderOrder(
        token=uuid.UUID(request["taskUUID"]),
        model="hailuo-2.3",
        mode="image-to-video" if has_frame else "text-to-video",
        prompt=request["positivePrompt"],
        resolution={1366: "768P", 1920: "1080P"}[request["width"]],
        duration=request["duration"],
        prompt_optimizer=False,
        image=FRAME if has_frame else None,
    )


def read(requests: Sequence[httpx.Request]) -> Wish:
    (task,) = json.loads(requests[0].content)
    frames = [frame["image"] for frame in task.get("inputs", {}).get("frameImages", [])]
    return Wish(
        provider_model=task["model"],
        prompt=task["positivePrompt"],
        resolution={(1366, 768): "768P", (1920, 1080): "1080P"}[task["width"], task["height"]],
        duration=task["duration"],
        prompt_optimizer=task["providerSettings"]["minimax"]["promptOptimizer"],
        output_format=task["outputFormat"].lower(),
        output_quality=task["outputQuality"],
        image=base64.b64decode(frames[0].partition(";base64,")[2]) if frames else None,
        webhook_url=task.get("webhookURL"),
    )


def bare(request: httpx.Request) -> object:
    """A task without what we add, and with the frame's address where we send its bytes."""
    (task,) = json.loads(request.content)
    assert {name: task.pop(name) for name in EXPLICIT} == EXPLICIT
    for frame in task.get("inputs", {}).get("frameImages", []):
        assert frame["image"].startswith("data:image/png;base64,")
        frame["image"] = "(the frame)"
    return task


def documented(name: str) -> Documented:
    request = document("runware", name)["request"]
    for frame in request.get("inputs", {}).get("frameImages", []):
        frame["image"] = "(the frame)"
    return Documented(order=seed_order(name), request=request)


def failed(code: str, message: str) -> Snapshot:
    return Snapshot(JobState.FAILED, failure=Failure(code, message))


WORKING = Snapshot(JobState.WORKING)
DONE = Snapshot(JobState.DONE, video_url=VIDEO, seed=552434557, cost=Decimal("0.49"))
NOTHING = reply("nothing")

EXAMPLES = Examples(
    base_url="https://api.runware.ai/v1",
    job=JOB,
    read=read,
    bare=bare,
    documented=[documented(name) for name in SEEDS],
    accepted=[
        (reply("accepted"),),
        (reply("accepted-among-others"),),
        (reply("accepted-among-others", 400),),
        (reply("accepted-repeated", 400),),
        (reply("success"),),
    ],
    looks=[
        ((reply("processing"),), WORKING),
        ((reply("processing-with-progress"),), Snapshot(JobState.WORKING, progress=42)),
        ((reply("pending"),), WORKING),
        ((reply("accepted"),), WORKING),
        ((reply("success"),), DONE),
        ((reply("success-without-status"),), DONE),
        (
            (reply("success-flagged"),),
            Snapshot(JobState.DONE, video_url=VIDEO, seed=552434557, cost=None),
        ),
        (
            (reply("failed"),),
            failed(
                "timeout",
                "The external provider did not respond within the timeout window. "
                "The request was automatically terminated.",
            ),
        ),
        (
            (reply("failed", 400),),
            failed("timeout", document("runware", "failed")["errors"][0]["message"]),
        ),
        ((reply("failed-in-its-item"),), failed("provider_error", "The model stopped.")),
        (
            (reply("failed-by-moderation"),),
            failed("content_policy", "The prompt was flagged as sensitive."),
        ),
        ((error("taskNotFound"),), Snapshot(JobState.MISSING)),
        ((error("taskFailedOrNotFound"),), Snapshot(JobState.MISSING)),
        ((error("taskExpired"),), failed("expired", "Their words.")),
        ((error("taskCancelled"),), failed("canceled", "Their words.")),
    ],
    silent=[
        (NOTHING,),
        (says({"data": [], "errors": []}),),
        (says({"errors": []}),),
        (says({"data": None}),),
        (error("taskNotFound", task=None),),
    ],
    submit_errors=[
        ((error(code, status, task=task),), kind, ours)
        for code, status, kind, ours in CODES
        for task in (str(TOKEN), None)
    ],
    look_errors=[
        ((error("invalidApiKey", 401, task=None),), Misconfigured),
        ((error("invalidApiKey", 401),), Misconfigured),
        ((error("insufficientCredits", 402, task=None),), Misconfigured),
        ((error("rateLimitExceeded", 429, task=None),), Busy),
        ((error("rateLimitExceeded", 429),), Busy),
        ((error("somethingNew", 500, task=None),), Busy),
        ((error("somethingNew", 500),), Busy),
        ((error("invalidTaskUUID", 400, task=None),), Busy),
        ((says({}),), Busy),
        ((says({"data": []}, 404),), Busy),
    ],
    settled=[
        ((reply("success"),), DONE),
        ((reply("processing"),), WORKING),
        (
            (reply("failed"),),
            failed("timeout", document("runware", "failed")["errors"][0]["message"]),
        ),
        ((NOTHING, reply("details-done")), DONE),
        ((NOTHING, reply("details-failed")), failed("content_policy", "Refused upstream.")),
        ((NOTHING, reply("details-underway")), WORKING),
        ((NOTHING, reply("details-of-another-model")), Snapshot(JobState.MISSING)),
        ((NOTHING, reply("details-never-taken")), Snapshot(JobState.MISSING)),
        ((NOTHING, NOTHING), Snapshot(JobState.MISSING)),
        ((error("taskNotFound"), NOTHING), Snapshot(JobState.MISSING)),
        ((NOTHING, error("taskNotFound", 404, task=None)), Snapshot(JobState.MISSING)),
        ((NOTHING, error("invalidTaskUUID", 400)), Snapshot(JobState.MISSING)),
    ],
    balances=[
        ((reply("balance-number"),), Decimal("2450.75")),
        ((reply("balance-object"),), Decimal("2450.75")),
    ],
    knocks=[
        (reply("webhook-success").body, str(TOKEN)),
        (reply("webhook-failed-item").body, str(TOKEN)),
        (reply("webhook-failed-errors").body, str(TOKEN)),
        (reply("webhook-wrapped").body, str(TOKEN)),
        (b'{"taskUUID":"12C20A98-991B-459F-B3A3-41741A7DFD19"}', str(TOKEN)),
        (b'{"taskUUID":"../../etc/passwd"}', None),
        (b'{"taskUUID":5}', None),
        (b'{"hello":"there"}', None),
        (b"[]", None),
    ],
)
