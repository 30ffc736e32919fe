"""What may be sent. Which values make sense together is judged by `generations.spec`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.api.fields import Boolean, Integer, Strict, Text
from accounts.api.schema import described
from billing.api.fields import Amount
from generations import catalog

#: Bytes of a body with a first frame of 20 MiB in it, as base64.
IMAGE_BODY = 28 << 20

MAX_PAIRS = 16
MAX_METADATA_BYTES = 4 << 10
MAX_TAGS = 20
MAX_TAG_LENGTH = 50
WORD = 100
PROMPT = {"type": "string", "minLength": 2, "maxLength": catalog.PROMPT_LENGTH}


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MAX_PAIRS,
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    }
)
class Metadata(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """Names and plain values of the customer's own."""

    default_error_messages = {
        "invalid": "Give an object of names and plain values.",
        "too_many": f"At most {MAX_PAIRS} pairs.",
        "too_large": f"At most {MAX_METADATA_BYTES} bytes as JSON.",
        "nul": "Remove the NUL character.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or any(isinstance(v, dict | list) for v in data.values()):
            self.fail("invalid")
        if len(data) > MAX_PAIRS:
            self.fail("too_many")
        if any("\x00" in str(text) for pair in data.items() for text in pair):
            self.fail("nul")
        if len(json.dumps(data, ensure_ascii=False).encode()) > MAX_METADATA_BYTES:
            self.fail("too_large")
        return data


@extend_schema_field(
    {
        "type": "array",
        "maxItems": MAX_TAGS,
        "items": {"type": "string", "minLength": 1, "maxLength": MAX_TAG_LENGTH},
    }
)
class Tags(serializers.ListField):
    """A few words to find it by."""

    default_error_messages = {"not_a_list": "Give a list of strings."}
    child = Text(max_length=MAX_TAG_LENGTH)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_TAGS, **options)


def one_of(
    values: Iterable[str | int],
    kind: type[serializers.Field[Any, Any, Any, Any]] = Text,
    **options: Any,
) -> serializers.Field[Any, Any, Any, Any]:
    """Described as a choice; it is `generations.spec` that chooses, and says what there is."""
    listed = list(values)
    word = "integer" if isinstance(listed[0], int) else "string"
    nothing = [None] if options.get("allow_null") else []
    length = {"max_length": WORD} if kind is Text else {}
    return described({"type": word, "enum": [*listed, *nothing]}, length | options, kind)


@extend_schema_serializer(component_name="Order")
class OrderBody(Strict):
    """A clip to be made."""

    model = one_of(catalog.MODELS, help_text="See GET /models.")
    prompt = described(
        PROMPT,
        {
            "allow_blank": True,
            "help_text": f"What is to be seen, 2 to {catalog.PROMPT_LENGTH} characters. Camera "
            "directives stand in square brackets: `[Pan left, Pedestal up]`.",
        },
        Text,
    )
    first_frame_image = Text(
        required=False,
        allow_null=True,
        help_text=(
            "The clip starts from it: an https:// address, a base64 data URI, or an `upl_…` of "
            "POST /uploads. JPEG, PNG or WebP, under 20 MiB, short side over 300 px, ratio 2:5 to "
            "5:2. An address is fetched later; what is wrong with it then fails the clip for free."
        ),
    )
    duration = one_of(catalog.DURATIONS, Integer, default=6, help_text="Seconds.")
    resolution = one_of(catalog.PIXELS, default="768P", help_text="1080P is for clips of 6 s.")
    prompt_optimizer = Boolean(default=True, help_text="Let the model polish the prompt.")
    fast_pretreatment = Boolean(default=False, help_text="Polish it more quickly.")
    watermark = Boolean(default=False)
    output_format = one_of(catalog.OUTPUT_FORMATS, default="mp4", help_text="Where a provider can.")
    output_quality = described(
        {"type": ["integer", "null"], "minimum": 20, "maximum": 99},
        {"required": False, "allow_null": True, "help_text": "20 to 99, where a provider can."},
        Integer,
    )
    provider = Text(default="auto", max_length=WORD, help_text="`auto`, or one by name.")
    policy = one_of(
        catalog.POLICIES, default="cheapest", help_text="What provider `auto` looks for."
    )
    max_price = Amount(required=False, allow_null=True, help_text="The most one clip may cost.")
    quote = Text(
        required=False, allow_null=True, max_length=WORD, help_text="A `quo_…` of POST /quotes."
    )
    count = Integer(
        default=1,
        min_value=1,
        max_value=catalog.MAX_COUNT,
        help_text="How many independent clips; all are accepted or none.",
    )
    metadata = Metadata(
        required=False,
        allow_null=True,
        help_text=f"Yours to keep: at most {MAX_PAIRS} pairs and 4 KiB.",
    )
    tags = Tags(required=False, allow_null=True, help_text="Words to find it by.")
    webhook_url = Text(
        required=False,
        allow_null=True,
        min_length=1,
        max_length=2048,
        help_text="Hears of this order besides your endpoints; signed with GET /webhook-secret.",
    )
    dry_run = Boolean(
        default=False, help_text="Only check it and tell the price: nothing is stored or held."
    )


@extend_schema_serializer(component_name="QuoteOrder")
class QuoteBody(OrderBody):
    """A clip to be priced: the body of POST /generations; the prompt may be left out."""

    prompt = described(
        {"type": "string", "maxLength": catalog.PROMPT_LENGTH},
        {"required": False, "default": "", "allow_blank": True},
        Text,
    )
