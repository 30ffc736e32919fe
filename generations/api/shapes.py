"""The shapes of `present.py` and `menu.py`, for OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.schema import amount, fixed, list_shape, public_id, word
from generations import catalog
from generations.api.filters import STATUSES


class FirstFrameSerializer(serializers.Serializer[Any]):
    upload = public_id("upl", allow_null=True, help_text="Our copy; null until it was fetched.")
    url = serializers.CharField(allow_null=True, help_text="The address it was given as.")


class ClipSerializer(serializers.Serializer[Any]):
    """The finished file. Its links open without a key until `url_expires_at`."""

    url = serializers.CharField()
    poster_url = serializers.CharField()
    url_expires_at = serializers.DateTimeField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    duration = serializers.FloatField(help_text="Seconds.")
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    content_type = word(*catalog.OUTPUT_FORMATS.values())


class ErrorSerializer(serializers.Serializer[Any]):
    """Why there is no clip. Nothing was charged."""

    code = serializers.CharField()
    message = serializers.CharField()
    provider_message = serializers.CharField(allow_null=True, help_text="The provider's words.")


class LineSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    type = serializers.CharField()
    message = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]  # DRF moves fields elsewhere


class ListedGenerationSerializer(serializers.Serializer[Any]):
    """One ordered clip."""

    id = public_id("gen")
    object = fixed("generation")
    status = word(*STATUSES)
    stage = serializers.CharField(help_text="What is being done, in a word or two.")
    progress = serializers.IntegerField(allow_null=True, help_text="Per cent, if known.")
    queue_position = serializers.IntegerField(
        allow_null=True, help_text="While it waits; not known yet in the answer to POST."
    )
    eta = serializers.DateTimeField(allow_null=True, help_text="Learned from our own past.")
    model = word(*catalog.MODELS)
    mode = word(catalog.TEXT_TO_VIDEO, catalog.IMAGE_TO_VIDEO)
    prompt = serializers.CharField()
    resolution = word(*catalog.PIXELS)
    duration = serializers.IntegerField(help_text="Seconds.")
    first_frame_image = FirstFrameSerializer(allow_null=True)
    prompt_optimizer = serializers.BooleanField()
    fast_pretreatment = serializers.BooleanField()
    watermark = serializers.BooleanField()
    output_format = word(*catalog.OUTPUT_FORMATS)
    output_quality = serializers.IntegerField(allow_null=True)
    policy = word(*catalog.POLICIES)
    provider_requested = serializers.CharField()
    provider = serializers.CharField(allow_null=True, help_text="Who makes it, once known.")
    quote = public_id("quo", allow_null=True)
    quoted = amount(help_text="The most it costs, held until its end.")
    price = amount(help_text="What it will cost, or did.")
    charged = amount(help_text="What was taken: nothing unless it succeeded.")
    refunded = amount()
    currency = fixed("USD")
    batch = public_id("bat", allow_null=True)
    retry_of = public_id("gen", allow_null=True)
    metadata = serializers.DictField()
    tags = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    clip = ClipSerializer(allow_null=True)
    error = ErrorSerializer(allow_null=True)


class GenerationSerializer(ListedGenerationSerializer):
    """One ordered clip with its timeline, money included."""

    timeline = LineSerializer(many=True)


GenerationListSerializer = list_shape("GenerationList", ListedGenerationSerializer)


class BatchSerializer(serializers.Serializer[Any]):
    """The answer to an order with a count: independent clips that share a batch."""

    object = fixed("list")
    batch = public_id("bat")
    data = ListedGenerationSerializer(many=True)  # type: ignore[assignment]


class QuoteRouteSerializer(serializers.Serializer[Any]):
    provider = serializers.CharField()
    price = amount()
    typical_seconds = serializers.IntegerField()
    available = serializers.BooleanField(help_text="Takes orders at this moment.")


class QuoteSerializer(serializers.Serializer[Any]):
    """A firm price for 15 minutes. In a dry run `id` and `expires_at` are null."""

    id = public_id("quo", allow_null=True)
    object = fixed("quote")
    unit_price = amount()
    count = serializers.IntegerField()
    price = amount(help_text="`unit_price` × `count`.")
    currency = fixed("USD")
    expires_at = serializers.DateTimeField(allow_null=True)
    provider = serializers.CharField(help_text="Who would be asked first.")
    routes = QuoteRouteSerializer(many=True)
    spec = serializers.DictField(help_text="What the quote binds.")


class UploadSerializer(serializers.Serializer[Any]):
    """A first frame: our own copy, made anew from what was sent."""

    id = public_id("upl")
    object = fixed("upload")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    bytes = serializers.IntegerField()
    content_type = serializers.CharField()
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()


class SizeSerializer(serializers.Serializer[Any]):
    """A resolution and a duration that go together."""

    resolution = word(*catalog.PIXELS)
    duration = serializers.IntegerField()
    width = serializers.IntegerField(help_text="Of text-to-video; others keep the frame's ratio.")
    height = serializers.IntegerField()


class PromptSerializer(serializers.Serializer[Any]):
    min_length = serializers.IntegerField()
    max_length = serializers.IntegerField()


class OptionsSerializer(serializers.Serializer[Any]):
    """What a provider can express beyond model, size and prompt."""

    output_formats = serializers.ListField(child=serializers.CharField())
    output_quality = serializers.BooleanField()
    prompt_optimizer_off = serializers.BooleanField()
    fast_pretreatment = serializers.BooleanField()
    watermark = serializers.BooleanField()
    free_cancel_while_running = serializers.BooleanField()


class ModelRouteSerializer(serializers.Serializer[Any]):
    provider = serializers.CharField()
    mode = word(catalog.TEXT_TO_VIDEO, catalog.IMAGE_TO_VIDEO)
    resolution = word(*catalog.PIXELS)
    duration = serializers.IntegerField()
    price = amount()
    currency = fixed("USD")
    typical_seconds = serializers.IntegerField()
    available = serializers.BooleanField()
    options = OptionsSerializer()


class ModelSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="What an order gives as `model`.")
    object = fixed("model")
    name = serializers.CharField()
    summary = serializers.CharField()
    modes = serializers.ListField(child=serializers.CharField())
    sizes = SizeSerializer(many=True)
    prompt = PromptSerializer()
    max_count = serializers.IntegerField()
    output_formats = serializers.ListField(child=serializers.CharField())
    policies = serializers.ListField(child=serializers.CharField())
    camera_directives = serializers.ListField(child=serializers.CharField())
    routes = ModelRouteSerializer(many=True)


ModelListSerializer = list_shape("ModelList", ModelSerializer)


class UploadForm(serializers.Serializer[Any]):
    """One image."""

    file = serializers.FileField()
