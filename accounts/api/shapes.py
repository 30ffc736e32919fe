"""The shapes of `present.py`, for OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.schema import fixed, public_id, word
from accounts.models import Role


class UserSerializer(serializers.Serializer[Any]):
    id = public_id("usr")
    email = serializers.CharField()
    name = serializers.CharField()


class WorkspaceSerializer(serializers.Serializer[Any]):
    id = public_id("wks")
    name = serializers.CharField()


class KeySerializer(serializers.Serializer[Any]):
    id = public_id("key")
    name = serializers.CharField()
    ending = serializers.CharField(help_text="The last characters of its secret.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class MeSerializer(serializers.Serializer[Any]):
    """Who the key belongs to."""

    object = fixed("me")
    user = UserSerializer()
    workspace = WorkspaceSerializer()
    role = word(*Role.values)
    key = KeySerializer()
