"""What every answer of ours has in common."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts import bindings
from accounts.api.problems import Problem
from config.observing.requests import measured
from config.problems import PROGRAMS, respond

Respond = Callable[[HttpRequest], HttpResponse]

UNAVAILABLE = "Something Reelay depends on is not answering. Try again in a few seconds."
#: Where other companies' programs tell us something.
KNOCKS = ("/webhooks/providers/", "/webhooks/stripe")
#: What no page of ours needs of a browser.
UNNEEDED = "camera=(), microphone=(), geolocation=(), usb=(), payment=(), browsing-topics=()"
REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{8,64}")


class RequestIDMiddleware:
    """Every request has an id: the caller's `X-Request-Id` when it is a sane one, else ours."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        theirs = request.headers.get("X-Request-Id", "")
        request_id = theirs if REQUEST_ID.fullmatch(theirs) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        with bindings.about(request=request_id):
            response = measured(self.respond, request)
        response["X-Request-Id"] = request_id
        response["Permissions-Policy"] = UNNEEDED
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


class StaffMiddleware:
    """Where real things are sold, staff enter the admin only with a second factor."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        inside = request.path.startswith("/admin/") and settings.STAFF_NEED_MFA
        if inside and request.user.is_authenticated and not is_mfa_enabled(request.user):
            messages.warning(request, "Staff need a second factor: set one up first.")
            return redirect("mfa_index")
        return self.respond(request)


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
    if request.path.startswith((*PROGRAMS, *KNOCKS, "/healthz", "/readyz")):
        return respond(Problem("unavailable", UNAVAILABLE, retry_after=5), request)
    headers = {"Retry-After": "5"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
