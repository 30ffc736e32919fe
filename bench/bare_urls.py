"""The bare view, mounted where the real one is; loaded when Django is ready."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import APIKey, IdempotencyRecord
from billing import ledger
from generations.models import Event, Generation


@cache
def _like() -> dict[str, Any]:
    """The columns of an order that was placed before: what `orders.place` would write."""
    row = Generation.objects.values().order_by("-id")[0]
    own = ("id", "created_at", "api_key_id", "workspace_id")
    return {name: value for name, value in row.items() if name not in own}


class Orders(APIView):
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JSONParser,)

    def post(self, request: Request) -> Response:
        text = request.headers["Authorization"].split("_")[2]
        keys = APIKey.objects.select_related("workspace__wallet", "maker__user")
        with transaction.atomic():
            key = keys.get(lookup=text)
            like = _like() | {"prompt": request.data["prompt"]}
            order = Generation.objects.create(workspace=key.workspace, api_key=key, **like)
            Event.objects.create(generation=order, type="generation.queued", message="Taken.")
            IdempotencyRecord.objects.create(
                workspace=key.workspace,
                scope="POST /bare",
                key=request.headers["Idempotency-Key"],
                fingerprint="0" * 64,
                status=202,
                answer=request.data["prompt"],
                reference=order.public_id,
            )
            ledger.hold(wallet=key.workspace.wallet, amount=order.quoted, reference=order.reference)
        return Response({"id": order.public_id, "status": order.status}, status=202)


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("healthz", healthz), path("api/v1/generations", Orders.as_view())]
