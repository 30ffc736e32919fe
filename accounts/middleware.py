"""Puts the visitor's place on the request: `request.membership`, `request.workspace`."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import bindings, people
from accounts.models import Membership

SESSION_KEY = "workspace"


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
