"""Where customers' programs want to be told: endpoints, over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from accounts.api import idempotency, pagination, webhook_shapes
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.fields import Nothing, checked
from accounts.api.idempotency import Made
from accounts.api.problems import Problem
from accounts.api.schema import (
    BODY,
    IDEMPOTENCY,
    IDEMPOTENCY_KEY,
    REPLAYED,
    problems,
    responses,
)
from accounts.api.webhook_shapes import EndpointBody, EndpointChange, MissingBody
from accounts.audit import Actor
from accounts.models import Act, WebhookEndpoint, Workspace
from accounts.outbound.errors import ForbiddenAddress
from accounts.webhooks import deliveries, endpoints, secrets
from accounts.webhooks.endpoints import NewSecret

TAGS = ["Webhooks"]
#: Seconds after which a delivery that is being sent may have its answer.
COME_BACK = 5
POSTED: dict[str, Any] = {"tags": TAGS, "parameters": [IDEMPOTENCY_KEY, REPLAYED]}


class Managed(View):
    act = Act.MANAGE


class Endpoints(Managed):
    query = pagination.PageQuery

    @extend_schema(
        operation_id="webhookEndpoints",
        summary="Your webhook endpoints, newest first",
        tags=TAGS,
        parameters=[pagination.PageQuery],
        responses=responses(
            webhook_shapes.EndpointListSerializer,
            "invalid_request",
            example={"object": "list", "data": [webhook_shapes.ENDPOINT], "next_cursor": None},
        ),
    )
    def get(self, request: Request) -> Response:
        rows = WebhookEndpoint.objects.for_workspace(caller(request).workspace)
        return Response(pagination.by_id(rows, self.parameters, webhook_shapes.endpoint))

    @extend_schema(
        operation_id="makeWebhookEndpoint",
        summary="Make a webhook endpoint",
        description="`secret` is told this once; a repeated request gets it as null.",
        request=EndpointBody,
        responses=responses(
            webhook_shapes.NewEndpointSerializer,
            *IDEMPOTENCY,
            *BODY,
            "webhook_url_not_allowed",
            status=201,
            example=webhook_shapes.NEW_ENDPOINT,
        ),
        **POSTED,
    )
    def post(self, request: Request) -> HttpResponse:
        body, workspace = checked(EndpointBody, request.data), caller(request).workspace

        def perform() -> NewSecret:
            return endpoints.create(workspace, **body, by=actor(request))

        return once(request, perform, status=201)


class OneEndpoint(Managed):
    @extend_schema(
        operation_id="webhookEndpoint",
        summary="One webhook endpoint",
        tags=TAGS,
        responses=responses(
            webhook_shapes.EndpointSerializer,
            "invalid_request",
            "not_found",
            example=webhook_shapes.ENDPOINT,
        ),
    )
    def get(self, request: Request, id: str) -> Response:
        return Response(webhook_shapes.endpoint(find(id, caller(request).workspace)))

    @extend_schema(
        operation_id="changeWebhookEndpoint",
        summary="Change a webhook endpoint",
        description="One that is switched off stops what waits for it.",
        tags=TAGS,
        request=EndpointChange,
        responses=responses(
            webhook_shapes.EndpointSerializer,
            *BODY,
            "not_found",
            "webhook_url_not_allowed",
            example=webhook_shapes.ENDPOINT,
        ),
    )
    def patch(self, request: Request, id: str) -> Response:
        body, row = checked(EndpointChange, request.data), find(id, caller(request).workspace)
        refusing(lambda: endpoints.change(row, **body, by=actor(request)))
        return Response(webhook_shapes.endpoint(row))

    @extend_schema(
        operation_id="deleteWebhookEndpoint",
        summary="Delete a webhook endpoint",
        tags=TAGS,
        responses={204: None, **problems("invalid_request", "not_found")},
    )
    def delete(self, request: Request, id: str) -> Response:
        row = find(id, caller(request).workspace)
        endpoints.remove(row, by=actor(request))
        return Response(status=204)


class RotateEndpoint(Managed):
    @extend_schema(
        operation_id="rotateWebhookSecret",
        summary="Give a webhook endpoint a new secret",
        description="The one before signs, too, for 24 hours.",
        request=None,
        responses=responses(
            webhook_shapes.NewEndpointSerializer,
            *IDEMPOTENCY,
            *BODY,
            "not_found",
            example=webhook_shapes.NEW_ENDPOINT,
        ),
        **POSTED,
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        checked(Nothing, request.data)
        row = find(id, caller(request).workspace)

        def perform() -> NewSecret:
            return endpoints.rotate(row, now=timezone.now(), by=actor(request))

        return once(request, perform)


class PingEndpoint(Managed):
    @extend_schema(
        operation_id="pingWebhookEndpoint",
        summary="Send a webhook endpoint a ping",
        description="One event of the type `ping`, tried once. Look at the delivery for what came.",
        request=None,
        responses=responses(
            webhook_shapes.DeliverySerializer,
            *IDEMPOTENCY,
            *BODY,
            "not_found",
            status=202,
            example=webhook_shapes.DELIVERY,
        ),
        **POSTED,
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        checked(Nothing, request.data)
        row = find(id, caller(request).workspace)

        def perform() -> Made:
            sent = deliveries.ping(row)
            return Made(sent.public_id, webhook_shapes.delivery(sent), 202)

        return idempotency.once(idempotency.asked(request), perform, again=lambda _: perform())


class ReplayMissing(Managed):
    @extend_schema(
        operation_id="replayMissingWebhooks",
        summary="Send a webhook endpoint everything it missed",
        description="Events keep their ids: what came before is recognised by `webhook-id`.",
        request=MissingBody,
        responses=responses(
            webhook_shapes.ReplayedSerializer,
            *IDEMPOTENCY,
            *BODY,
            "not_found",
            example={"object": "webhook_replay", "count": 3},
        ),
        **POSTED,
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        body, row = checked(MissingBody, request.data), find(id, caller(request).workspace)

        def perform() -> Made:
            count = refusing(lambda: deliveries.replay_missing(row, **body))
            return Made(row.public_id, {"object": "webhook_replay", "count": count})

        return idempotency.once(idempotency.asked(request), perform, again=lambda _: perform())


class DefaultSecret(Managed):
    reads = Act.MANAGE

    @extend_schema(
        operation_id="webhookSecret",
        summary="What signs events to an order's own `webhook_url`",
        tags=TAGS,
        responses=responses(
            webhook_shapes.SecretSerializer, "invalid_request", example=webhook_shapes.SECRET
        ),
    )
    def get(self, request: Request) -> Response:
        secret = secrets.of_workspace(caller(request).workspace.pk).now
        return Response({"object": "webhook_secret", "secret": secret})


class RotateDefaultSecret(Managed):
    @extend_schema(
        operation_id="rotateDefaultWebhookSecret",
        summary="A new secret for orders' own `webhook_url`s",
        description="The one before signs, too, for 24 hours.",
        request=None,
        responses=responses(
            webhook_shapes.SecretSerializer, *IDEMPOTENCY, *BODY, example=webhook_shapes.SECRET
        ),
        **POSTED,
    )
    def post(self, request: Request) -> HttpResponse:
        checked(Nothing, request.data)
        workspace, empty = caller(request).workspace, {"object": "webhook_secret", "secret": None}

        def perform() -> Made:
            fresh = secrets.rotate_of_workspace(workspace.pk, now=timezone.now(), by=actor(request))
            return Made(workspace.public_id, empty, 200, {"secret": fresh.now})

        return idempotency.once(
            idempotency.asked(request), perform, again=lambda id: Made(id, empty)
        )


def find(id: str, workspace: Workspace) -> WebhookEndpoint:
    """The workspace's own endpoint of this id. Raises a 404 Problem for any other."""
    row = endpoints.find(workspace, id)
    if row is None:
        raise Problem("not_found", "There is no such webhook endpoint.")
    return row


def once(request: Request, perform: Callable[[], NewSecret], *, status: int = 200) -> HttpResponse:
    """Its secret is kept nowhere in plain: who asks again gets the endpoint without it."""
    workspace = caller(request).workspace

    def first() -> Made:
        new = refusing(perform)
        shown = {**webhook_shapes.endpoint(new.endpoint), "secret": None}
        return Made(new.endpoint.public_id, shown, status, {"secret": new.text})

    def again(id: str) -> Made:
        return Made(id, {**webhook_shapes.endpoint(find(id, workspace)), "secret": None}, status)

    return idempotency.once(idempotency.asked(request), first, again=again)


def refusing(act: Callable[[], Any]) -> Any:
    """What it gives; what it refuses, as a Problem."""
    try:
        return act()
    except ForbiddenAddress as refused:
        raise Problem("webhook_url_not_allowed", str(refused)) from None
    except endpoints.TooMany as refused:
        raise Problem("too_many_endpoints", str(refused)) from None
    except deliveries.CannotReplay as refused:
        raise Problem("endpoint_disabled", str(refused)) from None
    except deliveries.UnderWay as refused:
        raise Problem("delivery_under_way", str(refused), retry_after=COME_BACK) from None


def actor(request: Request) -> Actor:
    return audit.actor(caller(request).key, request)
