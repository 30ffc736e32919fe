"""How the API describes itself: what every endpoint's OpenAPI entry is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema_field,
)
from rest_framework import serializers

from accounts.api.codes import CODES
from accounts.api.problems import CONTENT_TYPE

Responses = dict[Any, Any]

#: What any request may be answered with.
ALWAYS = (
    "unauthorized",
    "address_not_allowed",
    "https_required",
    "insufficient_scope",
    "not_acceptable",
    "rate_limited",
    "internal_error",
    "unavailable",
)

#: What some problems say besides, for their examples.
MEMBERS: dict[str, dict[str, str]] = {
    "card_declined": {"reason": "insufficient_funds"},
    "debt_outstanding": {"needed": "0.28", "available": "0.00"},
    "insufficient_funds": {"needed": "0.28", "available": "0.05"},
    "insufficient_scope": {"scope": "admin"},
    "rate_limited": {"limit": "key paid"},
    "spend_limit_reached": {
        "limit": "key per month",
        "remaining": "0.12",
        "resets_at": "2026-12-01T00:00:00.000Z",
    },
}

#: What a request with an Idempotency-Key may be told, and one with a body.
IDEMPOTENCY = ("idempotency_in_flight", "idempotency_mismatch")
BODY = ("invalid_request", "length_required", "payload_too_large", "unsupported_media_type")
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description=(
        "Makes it safe to send the request again: the same key and body get the same answer, with "
        "`Idempotent-Replayed: true`, and nothing happens twice. Answers are kept for 30 days, "
        "what they made is known for ever."
    ),
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    {"type": "string", "const": "true"},
    OpenApiParameter.HEADER,
    description="Present on an answer that was given before.",
    response=[200, 201, 202],
)


class Schema(AutoSchema):
    """Says what `extend_schema` says: our docstrings are for those who read the code."""

    def get_description(self) -> str:  # type: ignore[override]  # DRF declares it otherwise
        return ""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Registers itself by being imported."""

    target_class = "accounts.api.authentication.BearerKey"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of a workspace: `rly_live_…`.",
        }


class StrictForm(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Bodies in which every name must be known say so. Registers itself by being imported."""

    target_class = "accounts.api.fields.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(
            self.target, direction, bypass_extensions=True
        )
        return schema | {"additionalProperties": False}


def described(
    schema: dict[str, Any],
    options: dict[str, Any],
    kind: type[serializers.Field[Any, Any, Any, Any]] = serializers.CharField,
) -> serializers.Field[Any, Any, Any, Any]:
    """A field of a shape. Each has a class of its own: DRF copies fields by making them anew."""
    its_own: type[serializers.Field[Any, Any, Any, Any]] = type("Described", (kind,), {})
    extend_schema_field(schema)(its_own)
    return its_own(**options)


def word(*words: str, **options: Any) -> serializers.Field[Any, Any, Any, Any]:
    """One of a few words, for a shape."""
    nothing = [None] if options.get("allow_null") else []
    return described({"type": "string", "enum": [*words, *nothing]}, options)


def fixed(value: str) -> serializers.Field[Any, Any, Any, Any]:
    """Always the same word, for a shape."""
    return described({"type": "string", "const": value}, {})


def public_id(prefix: str, **options: Any) -> serializers.Field[Any, Any, Any, Any]:
    """An id of ours, for a shape."""
    return described({"type": "string", "pattern": f"^{prefix}_[0-9a-f]{{32}}$"}, options)


def amount(**options: Any) -> serializers.Field[Any, Any, Any, Any]:
    """Money as text, for a shape."""
    pattern = r"^-?[0-9]+\.[0-9]{2,6}$"
    return described({"type": "string", "pattern": pattern, "examples": ["0.28"]}, options)


def list_shape(
    name: str, of: type[serializers.Serializer[Any]]
) -> type[serializers.Serializer[Any]]:
    """A page of a list."""
    fields = {
        "object": fixed("list"),
        "data": of(many=True),
        "next_cursor": serializers.CharField(allow_null=True),
    }
    return type(name, (serializers.Serializer,), fields)


class FieldErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details. Some codes have further members, such as needed and available."""

    type = serializers.CharField(help_text="Where the code is explained.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = word(*sorted(CODES))
    detail = serializers.CharField()
    request_id = serializers.CharField(help_text="Quote it when you ask us.")
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]  # DRF moves fields elsewhere
    needed = amount(required=False)
    available = amount(required=False)
    reason = serializers.CharField(required=False, help_text="Why a card was declined.")
    top_up = public_id("top", required=False, help_text="The charge that was declined.")
    scope = serializers.CharField(required=False, help_text="What the key would have to have.")
    limit = serializers.CharField(required=False, help_text="The limit that is reached.")
    subject = serializers.CharField(required=False, help_text="Whose spend limit it is.")
    remaining = amount(required=False, help_text="What is left of a spend limit.")
    resets_at = serializers.DateTimeField(required=False, help_text="When it begins anew.")


def responses(
    shape: Any,
    *codes: str,
    status: int = 200,
    description: str = "",
    example: dict[str, Any] | None = None,
) -> Responses:
    """The answer of an endpoint, and every problem it may answer instead."""
    examples = [OpenApiExample("Answer", example, status_codes=[status])] if example else []
    good = OpenApiResponse(shape, description=description, examples=examples)
    return {status: good, **problems(*codes)}


def problems(*codes: str) -> Responses:
    """Problems by status; several codes may share one."""
    by_status: dict[int, list[str]] = {}
    for code in (*codes, *ALWAYS):
        by_status.setdefault(CODES[code].status, []).append(code)
    if "invalid_request" in codes:
        by_status[400] = ["invalid_request"]
    return {
        (status, CONTENT_TYPE): _problem(status, found)
        for status, found in sorted(by_status.items())
    }


def _problem(status: int, codes: Sequence[str]) -> OpenApiResponse:
    said = "; ".join(f"`{code}`: {CODES[code].title}" for code in codes)
    examples = [_example(status, code) for code in codes]
    return OpenApiResponse(ProblemSerializer, description=f"{said}.", examples=examples)


def _example(status: int, code: str) -> OpenApiExample:
    value: dict[str, Any] = {
        "type": f"/docs/errors/{code}",
        "title": CODES[code].title,
        "status": status,
        "code": code,
        "detail": CODES[code].advice,
        "request_id": "7f4c2f0e9a8d4b7f9c1d2e3f4a5b6c7d",
        "errors": [],
    }
    value |= MEMBERS.get(code, {})
    if code == "invalid_request" and status == 422:
        said = "1080P clips of 10 s do not exist: take 768P or 6 s."
        wrong = {"field": "duration", "code": "impossible_combination", "message": said}
        value |= {"detail": f"duration: {said}", "errors": [wrong]}
    return OpenApiExample(code, value, status_codes=[status], media_type=CONTENT_TYPE)
