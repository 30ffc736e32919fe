"""What is sent and answered in this shape, for OpenAPI."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from accounts.api.fields import Boolean, Integer, Strict, Text
from accounts.api.schema import described, fixed, public_id, word
from billing.api.fields import Amount
from generations import catalog
from generations.api.bodies import PROMPT, WORD, Metadata, OrderBody, Tags, one_of
from generations.openai import errors
from generations.openai.bodies import (
    DURATIONS,
    LANDSCAPE,
    MODEL,
    PORTRAIT,
    REFERENCES,
    SECONDS,
    SIZE,
)
from generations.openai.shapes import STATUSES

SIZES = (*LANDSCAPE, *PORTRAIT)
SIZE_SAID = "A portrait starts from a portrait first frame."
#: In JSON a number is taken as well as their text.
EITHER = {
    "oneOf": [
        {"type": "string", "enum": list(DURATIONS)},
        {"type": "integer", "enum": list(DURATIONS.values())},
    ]
}
REFERENCE = {
    "oneOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {name: {"type": ["string", "null"]} for name in sorted(REFERENCES)},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}


class VideoErrorSerializer(serializers.Serializer[Any]):
    """Why there is no video. Nothing was charged."""

    code = serializers.CharField()
    message = serializers.CharField()


class VideoSerializer(serializers.Serializer[Any]):
    """A generation as OpenAI shows videos; it has the same id in the rest of the API."""

    id = public_id("gen")
    object = fixed("video")
    model = word(*catalog.MODELS)
    status = word(*dict.fromkeys(STATUSES.values()))
    progress = serializers.IntegerField(help_text="Per cent.")
    created_at = serializers.IntegerField(help_text="Seconds since 1970.")
    completed_at = serializers.IntegerField(allow_null=True)
    expires_at = serializers.IntegerField(allow_null=True, help_text="Null: it is kept.")
    seconds = word(*DURATIONS)
    size = described({"type": "string", "pattern": "^[0-9]+x[0-9]+$"}, {})
    prompt = serializers.CharField()
    remixed_from_video_id = public_id("gen", allow_null=True)
    error = VideoErrorSerializer(allow_null=True)


class VideoListSerializer(serializers.Serializer[Any]):
    """A page of videos. Go on with `after`, where it `has_more`."""

    object = fixed("list")
    data = VideoSerializer(many=True)  # type: ignore[assignment]  # DRF moves fields elsewhere
    first_id = public_id("gen", allow_null=True)
    last_id = public_id("gen", allow_null=True)
    has_more = serializers.BooleanField()


class DeletedVideoSerializer(serializers.Serializer[Any]):
    id = public_id("gen")
    object = fixed("video.deleted")
    deleted = serializers.BooleanField()


class OpenAIModelSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    object = fixed("model")
    created = serializers.IntegerField(help_text="Seconds since 1970.")
    owned_by = serializers.CharField()


class OpenAIModelListSerializer(serializers.Serializer[Any]):
    object = fixed("list")
    data = OpenAIModelSerializer(many=True)  # type: ignore[assignment]


class OpenAIErrorSerializer(serializers.Serializer[Any]):
    """
    `code` is one of `/docs/errors`, or the rule that `param` breaks.

    Some have further members, such as needed and available.
    """

    message = serializers.CharField()
    type = word(*dict.fromkeys([*errors.TYPES.values(), errors.INVALID, errors.OURS]))
    param = serializers.CharField(allow_null=True)
    code = serializers.CharField()


class OpenAIProblemSerializer(serializers.Serializer[Any]):
    """OpenAI's envelope of what went wrong."""

    error = OpenAIErrorSerializer()


def _reference(said: str) -> serializers.Field[Any, Any, Any, Any]:
    options = {"required": False, "allow_null": True, "help_text": said}
    return described(REFERENCE, options, serializers.Field)


@extend_schema_serializer(component_name="VideoOrder")
class VideoOrder(OrderBody):
    """An order in OpenAI's words; what only we have is taken beside them."""

    duration = resolution = count = dry_run = None  # type: ignore[assignment]
    model = one_of(catalog.MODELS, default=MODEL, allow_null=True)
    seconds = described(EITHER, {"default": SECONDS, "allow_null": True}, serializers.Field)
    size = one_of(SIZES, default=SIZE, allow_null=True, help_text=SIZE_SAID)
    input_reference = _reference("The first frame: an https:// address, a data URI or an `upl_…`.")
    first_frame_image = _reference("Our name of the same.")  # type: ignore[assignment]


#: The same order as a form: what is text in JSON is text here, and there is no null.
VideoOrderForm = extend_schema_serializer(component_name="VideoOrderForm")(
    type(
        "VideoOrderForm",
        (Strict,),
        {
            "__doc__": "An order as OpenAI's clients send it: a form, with a file for a frame.",
            "prompt": described(PROMPT, {"allow_blank": True}, Text),
            "model": one_of(catalog.MODELS, default=MODEL),
            "seconds": word(*DURATIONS, default=SECONDS),
            "size": one_of(SIZES, default=SIZE, help_text=SIZE_SAID),
            "input_reference": serializers.FileField(
                required=False, help_text="The first frame: JPEG, PNG or WebP."
            ),
            "input_reference[image_url]": Text(required=False),
            "input_reference[file_id]": Text(required=False, help_text="An `upl_…`."),
            "first_frame_image": Text(required=False, help_text="Our name of the same."),
            "prompt_optimizer": Boolean(default=True),
            "fast_pretreatment": Boolean(default=False),
            "watermark": Boolean(default=False),
            "output_format": one_of(catalog.OUTPUT_FORMATS, default="mp4"),
            "output_quality": Integer(required=False, min_value=20, max_value=99),
            "provider": Text(default="auto", max_length=WORD),
            "policy": one_of(catalog.POLICIES, default="cheapest"),
            "max_price": Amount(required=False),
            "quote": Text(required=False, max_length=WORD),
            "metadata": Metadata(required=False, help_text="As `metadata[name]`."),
            "tags[]": Tags(required=False),
            "webhook_url": Text(required=False, max_length=2048),
        },
    )
)
