"""Who looks at what: `request.membership`, `request.workspace`, `request.impersonation`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import SESSION_KEY as SIGNED_IN
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import bindings, impersonation, people, sessions
from accounts.models import Membership

SESSION_KEY = "workspace"
#: When this session was last written down as seen (seconds since 1970), and how often it is.
SEEN_KEY, SEEN_EVERY = "seen", 300
#: Where a member of staff stays who they are, and what asks for no session at all.
THEIR_OWN = (
    *("/admin/", "/api/", "/v1/", "/webhooks/", "/files/", "/s/"),
    *("/healthz", "/readyz", "/metrics"),
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
READ_ONLY = (
    "You are looking at Reelay as somebody else, so nothing can be changed, ordered or paid here. "
    "Press “Stop” above to be yourself again."
)
CLOSED = (
    "This page stays closed while you look at Reelay as somebody else: it could show a secret, or "
    "change something by being opened."
)


class WorkspaceMiddleware:
    """Lazy, so that pages which need no workspace ask the database nothing."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        place = SimpleLazyObject(lambda: _membership(request))
        request.membership = place  # type: ignore[attr-defined]
        request.workspace = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: getattr(place, "workspace", None)
        )
        return self.respond(request)


class ImpersonationMiddleware:
    """
    Shows a member of staff the pages of the customer they look as, and refuses everything else.

    The admin stays their own. Whatever comes with an API key has no session and is not affected.
    """

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(THEIR_OWN):
            return self.respond(request)
        try:
            one = impersonation.of(request, now=timezone.now())
        except impersonation.Over as over:
            messages.warning(request, str(over))
            return _away(request, reverse("admin:index"))
        if one is None:
            return self.respond(request)
        request.impersonation = one  # type: ignore[attr-defined]
        request.user = one.person
        bindings.add(impersonator=one.staff.public_id)
        if request.method not in SAFE:
            return _refused(request, READ_ONLY)
        return self.respond(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        one = getattr(request, "impersonation", None)
        if one is None:
            return None
        page = getattr(request.resolver_match, "url_name", None) or ""
        if page not in impersonation.PAGES:
            return _refused(request, CLOSED)
        impersonation.note(request, one, page)
        return None


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    """A page, or for a part of one words that its script shows."""
    if "HX-Request" in request.headers:
        return HttpResponse(why, status=403, content_type="text/plain; charset=utf-8")
    return render(request, "403.html", {"exception": why}, status=403)


def _away(request: HttpRequest, address: str) -> HttpResponse:
    """A fragment cannot lead elsewhere, so there the whole page goes."""
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    one = getattr(request, "impersonation", None)
    chosen = one.workspace_id if one else request.session.get(SESSION_KEY)
    place = people.membership_of(request.user, chosen)
    if place:
        bindings.add(workspace=place.workspace.public_id)
        if one is None:  # who looks as somebody else was not there
            people.note_visit(place, now=timezone.now())
    return place


class SeenMiddleware:
    """
    Keeps sessions that are used from ending, and their list fresh: when and from where each was
    last used, to five minutes.
    """

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        # Only where a page asked for the session anyway: others cost nothing. One that gave its
        # connection back, to wait for somebody else, gets no new one for this.
        if request.session.accessed and connection.connection and SIGNED_IN in request.session:
            sessions.prolong(request)
            _see(request)
        return response


def _see(request: HttpRequest) -> None:
    now = int(time.time())
    if getattr(request, "impersonation", None):
        return  # the session is not the customer's
    if now - request.session.get(SEEN_KEY, 0) < SEEN_EVERY or not request.user.is_authenticated:
        return
    request.session[SEEN_KEY] = now
    UserSession.objects.create_from_request(request)
