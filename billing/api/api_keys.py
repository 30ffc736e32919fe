"""Keys that make, rotate and revoke keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit, ids, keys
from accounts.api import idempotency, pagination
from accounts.api.authentication import Caller, caller
from accounts.api.base import View
from accounts.api.fields import checked
from accounts.api.idempotency import Made
from accounts.api.problems import FieldError, Problem
from accounts.api.schema import (
    BODY,
    IDEMPOTENCY,
    IDEMPOTENCY_KEY,
    REPLAYED,
    problems,
    responses,
)
from accounts.grants import Maker, NeedsSecondFactor, TooWide
from accounts.keys import NewKey
from accounts.models import Act, APIKey, Scope, Workspace
from billing import new_keys
from billing.api import present, shapes
from billing.api.key_bodies import KeyBody, RotateBody, wish_of


class KeyQuery(pagination.PageQuery):
    """Which keys."""

    status = serializers.ChoiceField(
        choices=["active", "expired", "revoked"],
        required=False,
        help_text="Left out: all that are not revoked.",
    )


class KeyView(View):
    """For keys with the scope `admin` of somebody who manages the workspace."""

    reads = act = Act.MANAGE


class ApiKeys(KeyView):
    query = KeyQuery

    @extend_schema(
        operation_id="apiKeys",
        summary="The API keys of the workspace, newest first",
        tags=["API keys"],
        parameters=[KeyQuery],
        responses=responses(
            shapes.APIKeyListSerializer,
            "invalid_request",
            example={"object": "list", "data": [shapes.API_KEY], "next_cursor": None},
        ),
    )
    def get(self, request: Request) -> Response:
        asked, now = self.parameters, timezone.now()
        rows = keys.listed(caller(request).workspace).in_state(asked.get("status"), now)
        if after := pagination.id_after(asked.get("cursor")):
            rows = rows.filter(id__lt=after)
        found = list(rows.order_by("-id")[: asked["limit"] + 1])
        limits = new_keys.limits_of(found)
        page = pagination.listed(
            found,
            limit=asked["limit"],
            show=lambda key: present.api_key(key, limits[key], now=now),
            cursor=lambda key: pagination.id_cursor(key.pk),
        )
        return Response(page)

    @extend_schema(
        operation_id="makeApiKey",
        summary="Make an API key",
        description=(
            "Never wider than the key that asks: not in scopes, addresses, expiry, rate limits or "
            "spend limits. What it spends counts against that key, its member and the workspace, "
            "too. `key` is told this once; a repeated request gets it as null."
        ),
        tags=["API keys"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=KeyBody,
        responses=responses(
            shapes.NewAPIKeySerializer, *IDEMPOTENCY, *BODY, status=201, example=shapes.NEW_API_KEY
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        who, body = caller(request), checked(KeyBody, request.data)
        return _once(request, lambda: _made(request, who, body), status=201)


class OneApiKey(KeyView):
    @extend_schema(
        operation_id="revokeApiKey",
        summary="Revoke an API key",
        description="From the next request on it opens nothing, and neither does what it made.",
        tags=["API keys"],
        responses={204: None, **problems("invalid_request", "not_found")},
    )
    def delete(self, request: Request, id: str) -> Response:
        who = caller(request)
        key = find(id, who.workspace)
        keys.revoke(key=key, now=timezone.now(), by=audit.actor(who.key, request))
        return Response(status=204)


class RotateApiKey(KeyView):
    @extend_schema(
        operation_id="rotateApiKey",
        summary="Give an API key a new text",
        description=(
            "The same key, with another `key` that is told this once. The one before opens, too, "
            "until `previous_until`. A key rotates itself and the keys it made."
        ),
        tags=["API keys"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=RotateBody,
        responses=responses(
            shapes.NewAPIKeySerializer, *IDEMPOTENCY, *BODY, "not_found", example=shapes.NEW_API_KEY
        ),
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        overlap = timedelta(seconds=checked(RotateBody, request.data)["overlap_seconds"])
        who = caller(request)
        key = find(id, who.workspace)
        _refuse_others(key, who.key)
        by, now = audit.actor(who.key, request), timezone.now()
        return _once(request, lambda: keys.rotate(key=key, overlap=overlap, now=now, by=by))


def find(id: str, workspace: Workspace) -> APIKey:
    """The workspace's own key of this id. Raises a 404 Problem for any other."""
    found = ids.private("key", id)
    key = keys.listed(workspace).filter(pk=found).first() if found else None
    if key is None:
        raise Problem("not_found", "There is no such API key.")
    return key


def _once(request: Request, perform: Callable[[], NewKey], *, status: int = 200) -> HttpResponse:
    """Its text is kept nowhere: who asks again gets the key without it."""
    workspace = caller(request).workspace

    def first() -> Made:
        try:
            return _shown(perform(), status)
        except keys.KeyRefused as refused:
            raise Problem("not_found", str(refused)) from None

    return idempotency.once(
        idempotency.asked(request),
        first,
        again=lambda id: _shown(NewKey(find(id, workspace), ""), status),
    )


def _made(request: Request, who: Caller, body: dict[str, Any]) -> NewKey:
    try:
        return new_keys.make(
            wish_of(body),
            maker=Maker(who.key.holder, who.key),
            spend_limits=body.get("spend_limits", {}),
            by=audit.actor(who.key, request),
            now=timezone.now(),
        )
    except NeedsSecondFactor as refused:
        raise Problem("insufficient_scope", str(refused), scope=Scope.ADMIN) from None
    except TooWide as refused:
        errors = [FieldError(field, "too_wide", said) for field, said in refused.faults.items()]
        raise Problem("invalid_request", str(refused), errors=errors) from None


def _refuse_others(key: APIKey, asking: APIKey) -> None:
    """Its new text would open to the asking key what it may not do itself."""
    if asking.pk not in (key.pk, *key.lineage):
        said = (
            "A key rotates itself and the keys it made. This one its maker rotates on the website."
        )
        raise Problem("insufficient_scope", said, scope=Scope.ADMIN)


def _shown(new: NewKey, status: int) -> Made:
    key, now = new.key, timezone.now()
    shown = present.api_key(key, new_keys.limits_of([key])[key], now=now)
    told = {"key": new.text} if new.text else {}
    return Made(key.public_id, {**shown, "key": None}, status, told)
