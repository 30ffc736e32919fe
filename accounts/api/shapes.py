"""The shapes of `present.py`, for OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.schema import fixed, public_id, word
from accounts.models import Role, Scope


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
    scopes = serializers.ListField(child=word(*Scope.values))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class MeSerializer(serializers.Serializer[Any]):
    """Who the key belongs to."""

    object = fixed("me")
    user = UserSerializer()
    workspace = WorkspaceSerializer()
    role = word(*Role.values)
    key = KeySerializer()


ME = {
    "object": "me",
    "user": {
        "id": "usr_019aa5c0a1f07c3e8f5d2a6b9c0d1e2f",
        "email": "ada@example.org",
        "name": "Ada",
    },
    "workspace": {"id": "wks_019aa5c0a1f17d2c9a1b3c4d5e6f7081", "name": "Ada's workspace"},
    "role": "owner",
    "key": {
        "id": "key_019aa5c0b2e07b1d8c2e4f6a8b0c1d2e",
        "name": "Render farm",
        "ending": "x7Qp",
        "scopes": ["read", "generate"],
        "created_at": "2026-11-20T08:00:00.000Z",
        "expires_at": None,
    },
}
