"""Who am I, and what does this error mean."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import present
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.codes import CODES
from accounts.api.problems import Problem, respond
from accounts.api.schema import responses
from accounts.api.shapes import MeSerializer


class Me(View):
    @extend_schema(
        operation_id="me",
        summary="Who this key belongs to",
        tags=["Account"],
        responses=responses(MeSerializer, "invalid_request"),
    )
    def get(self, request: Request) -> Response:
        return Response(present.me(caller(request)))


@csrf_exempt  # a program that POSTs to a wrong address is told so, not asked for a token
def not_found(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """A problem where a page would be of no use to a program."""
    return respond(Problem("not_found", "There is nothing at this address."), request)


def error(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem's `type` leads to."""
    if code not in CODES:
        raise Http404
    known = CODES[code]
    text = f"{known.title}\n\nCode: {code}\nStatus: {known.status}\n\n{known.advice}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
