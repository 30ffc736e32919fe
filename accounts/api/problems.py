"""
Every error of the API in one shape: RFC 9457 problem details with a stable code.

Raise `Problem` where something is refused. `handle` turns it, and whatever else is raised under
a view, into the answer; nothing of ours ever shows a trace.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.settings import api_settings

from accounts.api.codes import CODES

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
#: Seconds after which a missing dependency may be back.
COME_BACK = 5
#: A dependency that does not answer is a 503, whoever noticed it.
DEPENDENCIES = (OperationalError, InterfaceError, RedisError)
#: Libraries whose errors mean that the storage does not answer.
STORAGE_LIBRARIES = ("boto3", "botocore", "s3transfer", "urllib3")
#: A body may repeat a mistake endlessly; the answer does not.
MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of the body or one query parameter."""

    field: str
    code: str
    message: str


class Problem(exceptions.APIException):
    """An answer that says no. Members beside the standard ones are given by keyword."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        status: int | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail or CODES[code].advice, code)
        self.code = code
        self.status_code = status or CODES[code].status
        self.errors = list(errors)[:MOST_ERRORS]
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
        if self.status_code == 401:
            self.headers.setdefault("WWW-Authenticate", "Bearer")
        self.members = members


def unreadable(detail: str) -> Problem:
    """A 400: not even the form of the request could be understood."""
    return Problem("invalid_request", detail, status=400)


def invalid(field: str, code: str, message: str) -> Problem:
    """A 422 about one field."""
    error = FieldError(field, code, message)
    return Problem("invalid_request", f"{field}: {message}", errors=[error])


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's exception handler: everything raised under a view becomes an answer."""
    return respond(noted(error, context["request"]), context["request"])


def noted(error: Exception, request: Request) -> Problem:
    """What it means to the client; what it should never have been is in our log."""
    problem = as_problem(error)
    if problem.code == "internal_error":
        logger.error("request %s to %s broke", _request_id(request), request.path, exc_info=error)
    if problem.code == "unavailable" and not isinstance(error, Problem):
        logger.warning("%s is answered 503: %s: %s", request.path, type(error).__name__, error)
    return problem


def respond(problem: Problem, request: Request | HttpRequest) -> HttpResponse:
    """The answer itself, for views and for whatever stands outside of them."""
    body = {
        "type": f"/docs/errors/{problem.code}",
        "title": CODES[problem.code].title,
        "status": problem.status_code,
        "code": problem.code,
        "detail": str(problem.detail),
        "request_id": _request_id(request),
        "errors": [asdict(error) for error in problem.errors],
        **problem.members,
    }
    return HttpResponse(
        encoded(body),
        status=problem.status_code,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )


def encoded(body: Mapping[str, Any]) -> bytes:
    """As JSON, whatever a client sent is told back to it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def as_problem(error: Exception) -> Problem:
    """What an exception of ours, of DRF's, of Django's or of anybody's means to a client."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    if isinstance(error, DEPENDENCIES) or _is_the_storage(error):
        return Problem("unavailable", retry_after=COME_BACK)
    if isinstance(error, SuspiciousOperation):
        return unreadable("The request is malformed.")
    for kind, code in KNOWN.items():
        if isinstance(error, kind):
            return Problem(code, _said(error))
    return Problem("internal_error")


#: exceptions of DRF and Django -> our code
KNOWN: dict[type[Exception], str] = {
    Http404: "not_found",
    PermissionDenied: "insufficient_scope",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.NotAuthenticated: "unauthorized",
    exceptions.NotFound: "not_found",
    exceptions.PermissionDenied: "insufficient_scope",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
}


def _invalid(error: exceptions.ValidationError) -> Problem:
    errors = list(_flat(error.detail))
    first = errors[0]
    return Problem("invalid_request", f"{first.field}: {first.message}", errors=errors)


def _flat(detail: Any, field: str = "") -> Iterator[FieldError]:
    """DRF nests errors as the body is nested; we name fields with dots: `tags.3`."""
    if isinstance(detail, exceptions.ErrorDetail):
        yield FieldError(field or "body", detail.code or "invalid", str(detail))
        return
    nested = detail.items() if isinstance(detail, dict) else enumerate(detail)
    for name, below in nested:
        is_leaf = isinstance(detail, list) and isinstance(below, exceptions.ErrorDetail)
        is_whole = name == api_settings.NON_FIELD_ERRORS_KEY  # the object itself is wrong
        inner = field if is_leaf or is_whole else f"{field}.{name}".lstrip(".")
        yield from _flat(below, inner)


def _said(error: Exception) -> str:
    """DRF's own sentence where it says more than our general advice."""
    told = isinstance(error, exceptions.MethodNotAllowed | exceptions.UnsupportedMediaType)
    return str(error.detail) if told and isinstance(error, exceptions.APIException) else ""


def _is_the_storage(error: Exception) -> bool:
    """Told by name, so that S3's libraries are not loaded where no S3 is used."""
    return type(error).__module__.partition(".")[0] in STORAGE_LIBRARIES


def _request_id(request: Request | HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
