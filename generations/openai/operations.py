"""The operations of this shape in the OpenAPI document."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
)

from accounts.api.codes import CODES
from accounts.api.problems import FieldError, Problem
from accounts.api.schema import ALWAYS, BODY, IDEMPOTENCY, IDEMPOTENCY_KEY, REPLAYED, Responses
from generations.api.views.files import CLIPS, RANGE, answers
from generations.openai import bodies, described, errors, examples
from generations.openai.queries import VariantQuery, VideoQuery

TAGS = ["OpenAI shape"]
JSON, FORM = "application/json", "multipart/form-data"
POLL_AFTER = "openai-poll-after-ms"
#: What an order may be told, and what is said of its quote and its addresses besides.
ORDER = (
    *BODY,
    *IDEMPOTENCY,
    "debt_outstanding",
    "insufficient_funds",
    "not_found",
    "not_sold",
    "price_above_max",
    "prompt_not_allowed",
    "provider_paused",
    "spend_limit_reached",
    "storage_full",
)
QUOTED = ("quote_expired", "quote_mismatch", "quote_used")
ADDRESSES = ("image_url_not_allowed", "webhook_url_not_allowed")

TRY = OpenApiParameter(
    "X-Stainless-Retry-Count",
    {"type": "string", "examples": ["1"]},
    OpenApiParameter.HEADER,
    description=(
        "OpenAI's clients number their tries. Without an Idempotency-Key a later try with the same "
        "body gets, for a minute, the answer of the first."
    ),
)
WAIT = OpenApiParameter(
    POLL_AFTER,
    {"type": "string", "pattern": "^[0-9]+$", "examples": ["5000"]},
    OpenApiParameter.HEADER,
    description="While it is made: milliseconds until it is worth asking again.",
    response=[200],
)
FINAL = OpenApiParameter(
    errors.SHOULD_RETRY,
    {"type": "string", "const": "false"},
    OpenApiParameter.HEADER,
    description="Present where the same request would be refused again.",
    response=[400, 401, 402, 403, 404, 406, 409, 411, 413, 415],
)
#: What the example of a problem holds besides.
MEMBERS: dict[str, dict[str, Any]] = {
    "insufficient_funds": {"needed": "0.28", "available": "0.05"},
    "invalid_request": {"errors": [FieldError("seconds", "invalid_value", "Give 6 or 10.")]},
}


def responses(shape: Any, example: dict[str, Any], *codes: str) -> Responses:
    """The answer of an operation, and every refusal it may be instead."""
    shown = [OpenApiExample("Answer", example, status_codes=[200])]
    return {200: OpenApiResponse(shape, examples=shown), **refusals(*codes)}


def refusals(*codes: str) -> Responses:
    """In OpenAI's envelope, by status; several codes may share one."""
    by_status: dict[int, list[Problem]] = defaultdict(list)
    for code in sorted({*codes, *ALWAYS}):
        problem = Problem(code, **MEMBERS.get(code, {}))
        by_status[errors.status_of(problem)].append(problem)
    return {(status, JSON): _refusal(status, by_status[status]) for status in sorted(by_status)}


def _refusal(status: int, found: list[Problem]) -> OpenApiResponse:
    said = "; ".join(f"`{one.code}`: {CODES[one.code].title}" for one in found)
    shown = [
        OpenApiExample(one.code, errors.envelope(one), status_codes=[status], media_type=JSON)
        for one in found
    ]
    return OpenApiResponse(
        described.OpenAIProblemSerializer, description=f"{said}.", examples=shown
    )


create = extend_schema(
    operation_id="createVideo",
    summary="Order a video",
    description=(
        "POST /generations in OpenAI's words: the price is held now, taken when the video is "
        "delivered and given back if it never is. What only we have, such as `policy` or "
        "`max_price`, is taken beside OpenAI's own fields."
    ),
    tags=TAGS,
    parameters=[IDEMPOTENCY_KEY, REPLAYED, TRY, WAIT, FINAL],
    request={
        JSON: OpenApiRequest(described.VideoOrder, examples=examples.ORDERS),
        FORM: OpenApiRequest(
            described.VideoOrderForm,
            encoding={"metadata": {"style": "deepObject", "explode": True}},
            examples=examples.FORMS,
        ),
    },
    responses=responses(described.VideoSerializer, examples.VIDEO, *ORDER, *QUOTED, *ADDRESSES),
)
listed = extend_schema(
    operation_id="videos",
    summary="Your videos",
    tags=TAGS,
    parameters=[VideoQuery, FINAL],
    responses=responses(described.VideoListSerializer, examples.VIDEOS, "invalid_request"),
)
retrieve = extend_schema(
    operation_id="video",
    summary="One video",
    tags=TAGS,
    parameters=[WAIT, FINAL],
    responses=responses(
        described.VideoSerializer, examples.FINISHED, "invalid_request", "not_found"
    ),
)
delete = extend_schema(
    operation_id="deleteVideo",
    summary="Delete a finished video",
    description="Its files are removed at once, its links are dead. Money rows stay.",
    tags=TAGS,
    parameters=[FINAL],
    responses=responses(
        described.DeletedVideoSerializer,
        examples.DELETED,
        "invalid_request",
        "not_finished",
        "not_found",
    ),
)
content = extend_schema(
    operation_id="videoContent",
    summary="The finished file, or its thumbnail",
    description="Follow redirects: with S3 the bytes come from there.",
    tags=TAGS,
    parameters=[VariantQuery, RANGE, FINAL],
    responses=answers(*CLIPS, "image/jpeg")
    | refusals("invalid_request", "not_finished", "not_found"),
)
remix = extend_schema(
    operation_id="remixVideo",
    summary="Order a video like another, from other words",
    description="With its parameters and its first frame, at today's price.",
    tags=TAGS,
    parameters=[IDEMPOTENCY_KEY, REPLAYED, TRY, WAIT, FINAL],
    request={
        media_type: OpenApiRequest(bodies.Remix, examples=examples.REMIX)
        for media_type in (JSON, FORM)
    },
    responses=responses(described.VideoSerializer, examples.REMIXED, *ORDER),
)
models = extend_schema(
    operation_id="openaiModels",
    summary="The models, as OpenAI lists its own",
    tags=TAGS,
    parameters=[FINAL],
    responses=responses(described.OpenAIModelListSerializer, examples.MODELS, "invalid_request"),
)
model = extend_schema(
    operation_id="openaiModel",
    summary="One model",
    tags=TAGS,
    parameters=[FINAL],
    responses=responses(
        described.OpenAIModelSerializer, examples.MODEL, "invalid_request", "not_found"
    ),
)
