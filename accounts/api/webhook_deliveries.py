"""What was sent to customers' programs, and once more, over the API."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import ids
from accounts.api import idempotency, pagination, webhook_shapes
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.fields import Nothing, checked
from accounts.api.idempotency import Made
from accounts.api.problems import Problem
from accounts.api.schema import BODY, IDEMPOTENCY, responses
from accounts.api.webhook_shapes import DeliveryQuery
from accounts.api.webhooks import POSTED, TAGS, Managed, refusing
from accounts.models import WebhookDelivery, Workspace
from accounts.webhooks import deliveries


class Deliveries(View):
    query = DeliveryQuery

    @extend_schema(
        operation_id="webhookDeliveries",
        summary="What was sent to your webhooks, newest first",
        tags=TAGS,
        parameters=[DeliveryQuery],
        responses=responses(
            webhook_shapes.DeliveryListSerializer,
            "invalid_request",
            example={"object": "list", "data": [webhook_shapes.DELIVERY], "next_cursor": None},
        ),
    )
    def get(self, request: Request) -> Response:
        asked = self.parameters
        rows = WebhookDelivery.objects.for_workspace(caller(request).workspace)
        for name, prefix in (("endpoint", "whe"), ("event", "evt")):
            if name in asked:
                rows = rows.filter(**{name: ids.private(prefix, asked[name])})
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        return Response(
            pagination.by_id(rows.select_related("event"), asked, webhook_shapes.delivery)
        )


class Replay(Managed):
    @extend_schema(
        operation_id="replayWebhookDelivery",
        summary="Send one delivery again",
        description="Under the same `webhook-id`. Not while it is being sent.",
        request=None,
        responses=responses(
            webhook_shapes.DeliverySerializer,
            *IDEMPOTENCY,
            *BODY,
            "delivery_under_way",
            "endpoint_disabled",
            "not_found",
            status=202,
            example=webhook_shapes.DELIVERY,
        ),
        **POSTED,
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        checked(Nothing, request.data)
        workspace = caller(request).workspace
        row = find(id, workspace)

        def perform() -> Made:
            refusing(lambda: deliveries.replay(row))
            return shown(id)

        def shown(id: str) -> Made:
            return Made(id, webhook_shapes.delivery(find(id, workspace)), 202)

        return idempotency.once(idempotency.asked(request), perform, again=shown)


def find(id: str, workspace: Workspace) -> WebhookDelivery:
    """The workspace's own delivery of this id. Raises a 404 Problem for any other."""
    row = deliveries.find(workspace, id)
    if row is None:
        raise Problem("not_found", "There is no such webhook delivery.")
    return row
