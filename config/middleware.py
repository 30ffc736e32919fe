"""What every answer of ours has in common."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as RedisConnectionError

Respond = Callable[[HttpRequest], HttpResponse]

REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{8,64}")


class RequestIDMiddleware:
    """Every request has an id: the caller's `X-Request-Id` when it is a sane one, else ours."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        theirs = request.headers.get("X-Request-Id", "")
        request_id = theirs if REQUEST_ID.fullmatch(theirs) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.respond(request)
        response["X-Request-Id"] = request_id
        return response


class AdminPolicyMiddleware:
    """The admin theme evaluates expressions in the page; nothing else of ours may."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response


class UnavailableMiddleware:
    """A database or Redis that does not answer is a 503 that says when to come back."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError | RedisConnectionError):
            return unavailable(request)
        return None


def unavailable(request: HttpRequest) -> HttpResponse:
    """A problem for programs, a page for people; neither asks the database for anything."""
    machine = request.path.startswith(("/api/", "/webhooks/", "/healthz", "/readyz"))
    response = _problem(request) if machine else HttpResponse(render_to_string("503.html"))
    response.status_code = 503
    response["Retry-After"] = "5"
    return response


def _problem(request: HttpRequest) -> HttpResponse:
    problem: dict[str, Any] = {
        "type": "/docs/errors/unavailable",
        "title": "Temporarily unavailable",
        "status": 503,
        "code": "unavailable",
        "detail": "Something Reelay depends on is not answering. Try again in a few seconds.",
        "request_id": getattr(request, "request_id", ""),
        "errors": [],
    }
    return JsonResponse(problem, content_type="application/problem+json")
