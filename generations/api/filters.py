"""Which of a workspace's generations a list shows."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from rest_framework import serializers

from accounts import ids
from accounts.api.fields import QueryMoment, Text
from accounts.api.pagination import PageQuery
from generations import catalog
from generations.api.bodies import MAX_TAG_LENGTH
from generations.models.generation import NOT_FINAL, GenerationQuerySet
from generations.states import PUBLIC, with_public

STATUSES = tuple(dict.fromkeys(PUBLIC.values()))


class BatchID(serializers.CharField):
    """A `bat_…`; one of others is simply empty."""

    default_error_messages = {"batch": "Give the bat_… id of a batch."}

    def to_internal_value(self, data: Any) -> uuid.UUID:  # type: ignore[override]
        return ids.private("bat", data) or self.fail("batch")


class GenerationQuery(PageQuery):
    """What a list of generations may be asked; several conditions must all hold."""

    status = serializers.ChoiceField(choices=STATUSES, required=False)
    batch = BatchID(required=False, help_text="The `batch` of an order with a count.")
    q = Text(required=False, max_length=200, help_text="A part of the prompt.")
    tag = Text(required=False, max_length=MAX_TAG_LENGTH, help_text="One of its tags, whole.")
    model = serializers.ChoiceField(choices=tuple(catalog.MODELS), required=False)
    created_after = QueryMoment(required=False, help_text="RFC 3339; that moment not included.")
    created_before = QueryMoment(required=False, help_text="RFC 3339; that moment not included.")


def filtered(rows: GenerationQuerySet, asked: dict[str, Any]) -> GenerationQuerySet:
    """The rows that meet every condition."""
    conditions = {
        lookup: wanted(asked[name]) for name, (lookup, wanted) in LOOKUPS.items() if name in asked
    }
    rows = rows.filter(**conditions)
    return rows.filter(_saying(asked["q"])) if "q" in asked else rows


def _saying(text: str) -> Q:
    """
    The index of parts of prompts holds finished ones; those under way are found by their state.

    Django escapes what LIKE would take for a wildcard.
    """
    part = Q(prompt__icontains=text)
    return Q(part, finished_at__isnull=False) | Q(part, NOT_FINAL)


#: query parameter -> look-up and its value
LOOKUPS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "status": ("state__in", with_public),
    "batch": ("batch", lambda id: id),
    "tag": ("tags__contains", lambda tag: [tag]),
    "model": ("model", str),
    "created_after": ("created_at__gt", lambda moment: moment),
    "created_before": ("created_at__lt", lambda moment: moment),
}
