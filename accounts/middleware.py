"""The visitor's place on the request (`membership`, `workspace`), and when they were last seen."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY as SIGNED_IN
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import bindings, people
from accounts.models import Membership

SESSION_KEY = "workspace"
#: When this session was last written down as seen (seconds since 1970), and how often it is.
SEEN_KEY, SEEN_EVERY = "seen", 300


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


def _membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    place = people.membership_of(request.user, request.session.get(SESSION_KEY))
    if place:
        bindings.add(workspace=place.workspace.public_id)
        people.note_visit(place, now=timezone.now())
    return place


class SeenMiddleware:
    """Keeps the list of sessions fresh: when and from where each was last used, to five minutes."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        # Only where a page asked for the session anyway: others cost nothing. One that gave its
        # connection back, to wait for somebody else, gets no new one for this.
        if request.session.accessed and connection.connection and SIGNED_IN in request.session:
            _see(request)
        return response


def _see(request: HttpRequest) -> None:
    now = int(time.time())
    if now - request.session.get(SEEN_KEY, 0) < SEEN_EVERY or not request.user.is_authenticated:
        return
    request.session[SEEN_KEY] = now
    UserSession.objects.create_from_request(request)
