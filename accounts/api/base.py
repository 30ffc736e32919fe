"""What all views of the API have in common."""

from __future__ import annotations

from collections.abc import Mapping
from threading import BoundedSemaphore
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import pacing
from accounts.api.fields import Nothing, Strict, checked
from accounts.api.parsers import MAX_BODY, announced
from accounts.api.problems import FieldError, Problem
from accounts.models import Act, APIKey

#: A large body is in memory several times while it is read: so many of them at once, per process.
LARGE_BODIES = BoundedSemaphore(4)


class View(APIView):
    """
    Strict on the way in: a body has a length, and every query parameter is known.

    `max_body` caps the body, `query` describes what a GET may ask. `reads` is what reading needs
    to be allowed and `act` what anything else does; a key needs the scope for it, or `scope`. A
    POST that may cost the customer money is `paid`: it has rate limits of its own.
    """

    max_body: ClassVar[int] = MAX_BODY
    query: ClassVar[type[Strict]] = Nothing
    reads: ClassVar[str] = Act.READ
    act: ClassVar[str] = Act.ORDER
    scope: ClassVar[str] = ""
    paid: ClassVar[bool] = False
    metadata_class = None
    #: What a GET asks, checked.
    parameters: dict[str, Any]
    #: Whether this request has one of the places for large bodies.
    has_place = False
    #: What is left of the rate limits this request went through.
    pace: Mapping[str, str] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A request that is refused counts as well, and never as a paid one."""
        self.perform_authentication(request)
        paid = False
        try:
            self._check(request, *args, **kwargs)
            paid = self.paid and request.method == "POST" and not _is_dry(request.data)
        finally:
            if isinstance(request.auth, APIKey):
                self.pace = pacing.admitted(request.auth, paid=paid).headers

    def _check(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _refuse_without_length(request)
        form = self.query if request.method in ("GET", "HEAD") else Nothing
        silent = form is Nothing and not request.query_params
        self.parameters = {} if silent else checked(form, _each_once(request))
        if MAX_BODY < announced(request) <= self.max_body:
            self._take_place()

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """The `Allow` header says it all."""
        return Response(status=204)

    def finalize_response(  # type: ignore[override]  # files and replays are no DRF responses
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        for name, value in {"Cache-Control": "no-store", **self.pace}.items():
            response.headers.setdefault(name, value)
        if self.has_place:
            LARGE_BODIES.release()
        return response

    def _take_place(self) -> None:
        if not LARGE_BODIES.acquire(blocking=False):
            raise Problem("unavailable", "Too many large bodies at once.", retry_after=1)
        self.has_place = True


def _is_dry(body: Any) -> bool:
    """A dry run costs nothing."""
    return isinstance(body, Mapping) and body.get("dry_run") is True


def _refuse_without_length(request: Request) -> None:
    """A chunked body has no length; read by Django it would look like an empty one."""
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        raise Problem("length_required")


def _each_once(request: Request) -> dict[str, str]:
    asked = dict(request.query_params.lists())
    errors = [
        FieldError(name[:100], "repeated", "Give it once.")
        for name, values in asked.items()
        if len(values) > 1
    ]
    if errors:
        raise Problem("invalid_request", errors=errors)
    return {name: values[0] for name, values in asked.items()}
