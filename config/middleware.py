"""What every answer of ours has in common."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts import addresses, bindings
from accounts.api.problems import Problem
from config.observing.requests import measured
from config.problems import PROGRAMS, respond
from config.reports import ENDPOINTS
from config.staff import searching

Respond = Callable[[HttpRequest], HttpResponse]

UNAVAILABLE = "Something Reelay depends on is not answering. Try again in a few seconds."
#: Where other companies' programs tell us something.
KNOCKS = ("/webhooks/providers/", "/webhooks/stripe")
#: What no page of ours needs of a browser.
UNNEEDED = "camera=(), microphone=(), geolocation=(), usb=(), payment=(), browsing-topics=()"
#: When staff last looked at the admin, and after how many seconds that is noted anew.
STAFF_SEEN, SEEN_EVERY = "staff_seen", 60
#: What is answered at the host of files.
ON_MEDIA_HOST = ("/files/", "/healthz")
#: Headers about a page, which say nothing on a style sheet or a font; and those by which a browser
#: asks whether a file has changed, which one for ever does not. A page has forty such files.
FOR_PAGES = ("Referrer-Policy", "Cross-Origin-Opener-Policy")
FOR_ASKING = ("ETag", "Last-Modified")
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
        if request.path.startswith(settings.STATIC_URL):
            is_for_ever = "immutable" in response.headers.get("Cache-Control", "")
            return _without(response, FOR_PAGES + FOR_ASKING * is_for_ever)
        response["X-Request-Id"] = request_id
        response["Permissions-Policy"] = UNNEEDED
        response["Reporting-Endpoints"] = ENDPOINTS
        if settings.SESSION_COOKIE_NAME in request.COOKIES:  # what somebody sees who is signed in
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _without(response: HttpResponse, names: Sequence[str]) -> HttpResponse:
    for name in names:
        del response[name]
    return response


class MediaHostMiddleware:
    """
    Where files of customers come from there is nothing else: whatever one of them does in a
    browser, it does it where nobody is signed in.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get("HTTP_HOST", "").lower()
        is_there = bool(settings.MEDIA_HOST) and asked == settings.MEDIA_HOST
        if is_there and not request.path.startswith(ON_MEDIA_HOST):
            return HttpResponse("There is nothing here.\n", "text/plain", status=404)
        return self.respond(request)


class InClearMiddleware:
    """
    A program that asks over plain http is refused, where a browser is led to https.

    Led on silently, it would go on sending its key in clear with every request.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_program = request.path.startswith((*PROGRAMS, *KNOCKS))
        if settings.SECURE_SSL_REDIRECT and is_program and not request.is_secure():
            return respond(Problem("https_required"), request)
        return self.respond(request)


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
    """
    The admin's door: from where staff may come, and then as whom.

    Where real things are sold they need a second factor; after a pause they prove again who they
    are, as a browser that is left open must not be the admin's key for two weeks.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/"):
            if not _comes_from_staff(request):
                raise Http404
            if request.user.is_authenticated and request.user.is_staff:
                return _stopped(request) or self._answered(request)
        return self.respond(request)

    def _answered(self, request: HttpRequest) -> HttpResponse:
        with searching.in_time() if searching.is_search(request) else nullcontext():
            return self.respond(request)


def _comes_from_staff(request: HttpRequest) -> bool:
    allowed = settings.STAFF_ADDRESSES
    return not allowed or addresses.among(addresses.of(request), allowed)


def _stopped(request: HttpRequest) -> HttpResponse | None:
    if settings.STAFF_NEED_MFA and not is_mfa_enabled(request.user):
        messages.warning(request, "Staff need a second factor: set one up first.")
        return redirect("mfa_index")
    now = time.time()
    if now - _last_seen(request, now) > settings.STAFF_IDLE_MINUTES * 60:
        back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
    if now - request.session.get(STAFF_SEEN, 0) > SEEN_EVERY:
        request.session[STAFF_SEEN] = now
    return None


def _last_seen(request: HttpRequest, now: float) -> float:
    """In the admin, or when they proved who they are."""
    proofs = get_authentication_records(request, request.user)
    moments = [*(one["at"] for one in proofs), request.session.get(STAFF_SEEN)]
    return max((moment for moment in moments if moment), default=now)


class UnavailableMiddleware:
    """A database or Redis that does not answer is a 503 that says when to come back."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError | RedisConnectionError):
            return searching.took_too_long(request, error) or unavailable(request)
        return None


def unavailable(request: HttpRequest) -> HttpResponse:
    """A problem for programs, a page for people; neither asks the database for anything."""
    if request.path.startswith((*PROGRAMS, *KNOCKS, "/healthz", "/readyz")):
        return respond(Problem("unavailable", UNAVAILABLE, retry_after=5), request)
    headers = {"Retry-After": "5"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
