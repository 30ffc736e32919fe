"""What is on sale."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import View
from accounts.api.schema import responses
from generations.api import examples, menu, shapes


class Models(View):
    @extend_schema(
        operation_id="models",
        summary="What is on sale",
        description="Models, what goes together, camera directives, and prices per route.",
        tags=["Models"],
        responses=responses(shapes.ModelListSerializer, "invalid_request", example=examples.MODELS),
    )
    def get(self, request: Request) -> Response:
        return Response(menu.models(now=timezone.now()))
