"""What a GET may ask."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api.fields import QueryInteger, Strict, Text


class VideoQuery(Strict):
    """A page of the list."""

    after = Text(required=False, help_text="`last_id` of the page before.")
    limit = QueryInteger(default=20, min_value=1, max_value=100)
    order = serializers.ChoiceField(
        choices=["asc", "desc"], default="desc", help_text="By age; `desc` has the newest first."
    )


class VariantQuery(Strict):
    """Which file of a video."""

    variant = serializers.ChoiceField(choices=["video", "thumbnail"], default="video")
