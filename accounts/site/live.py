"""
News for the pages of one browser: what has changed, so that they ask for it at once.

What they show is rendered by the address each part of a page asks anyway; a stream only names it.
"""

from __future__ import annotations

from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts import ids
from accounts.access import MemberRequest
from accounts.models import Act
from accounts.streams import opening, reading
from accounts.streams.holders import Browser
from accounts.streams.hub import hub
from accounts.streams.reading import Mark
from accounts.streams.stream import Stream


@require_safe
def live(request: MemberRequest) -> HttpResponseBase:
    """
    The stream of the workspace they are in. 204 where this process serves none: then pages poll.

    Nobody is sent to the login page, or shown one that says why: a stream shows no pages.
    """
    if not _may_listen(request):
        return HttpResponse(status=403)
    if not opening.can_stream(request):
        return HttpResponse(status=204)
    holder = _holder(request)
    if hub.is_full(request.workspace.pk, holder):
        return HttpResponse(status=429, headers={"Retry-After": str(opening.COME_BACK)})
    joined = reading.now()
    stream = Stream(
        workspace_id=request.workspace.pk,
        holder=holder,
        mark=_resumed(request) or joined,
        joined=joined,
        show=reading.news,
    )
    return opening.opened(request, stream)


def _may_listen(request: MemberRequest) -> bool:
    """From our own pages, and where something goes on: as `holders` look at it later."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    place = request.membership
    return bool(place) and place.may(Act.READ) and not place.workspace.suspended_at


def _holder(request: MemberRequest) -> Browser:
    return Browser(
        session=request.session.session_key or "",
        membership_id=request.membership.pk,
        proof=request.session.get(HASH_SESSION_KEY, ""),
    )


def _resumed(request: MemberRequest) -> Mark | None:
    """Behind the event it heard last, so that nothing is missed when it comes back."""
    id = ids.private("evt", request.headers.get("Last-Event-ID"))
    return reading.behind(id, request.workspace) if id else None
