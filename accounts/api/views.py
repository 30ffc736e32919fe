"""Who am I, and what is not there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import addresses
from accounts.api import pacing, present
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.problems import Problem, respond
from accounts.api.schema import responses
from accounts.api.shapes import ME, MeSerializer


class Me(View):
    @extend_schema(
        operation_id="me",
        summary="Who this key belongs to",
        tags=["Account"],
        responses=responses(MeSerializer, "invalid_request", example=ME),
    )
    def get(self, request: Request) -> Response:
        return Response(present.me(caller(request)))


@csrf_exempt  # a program that POSTs to a wrong address is told so, not asked for a token
def not_found(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """A problem where a page would be of no use to a program."""
    problem = Problem("not_found", "There is nothing at this address.")
    address = addresses.of(request)
    return respond(pacing.not_let_in(problem, address=address, counts=False), request)
