"""Event streams over the API: who may listen to what. `accounts/streams/` does the rest."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from accounts import ids
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.formats import AnyFormat
from accounts.api.problems import Problem, invalid
from accounts.api.schema import Responses, problems
from accounts.streams import opening, reading
from accounts.streams.holders import Program
from accounts.streams.hub import hub
from accounts.streams.reading import Mark
from accounts.streams.stream import Stream

LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID",
    {"type": "string", "pattern": "^evt_[0-9a-f]{32}$"},
    OpenApiParameter.HEADER,
    description="Go on behind this event: nothing is missed, nothing comes twice.",
)
EXAMPLE = (
    "retry: 2000\n\nevent: generation.succeeded\nid: evt_019aa5c9d1e27c4b8f0a1b2c3d4e5f60\n"
    'data: {"id":"evt_019aa5c9d1e27c4b8f0a1b2c3d4e5f60","object":"event",'
    '"type":"generation.succeeded","created_at":"2026-11-21T09:31:40.000Z",'
    '"data":{"generation":{"id":"gen_019aa5c4b1ef7d2c9a1b3c4d5e6f7081","status":"succeeded"}}}\n\n'
)


def described(*codes: str) -> Responses:
    said = "Each event has its type as `event`, its id as `id`, and as `data` an Event in one line."
    example = OpenApiExample(
        "Stream", EXAMPLE, status_codes=[200], media_type=opening.CONTENT_TYPE, response_only=True
    )
    stream = OpenApiResponse(OpenApiTypes.STR, description=said, examples=[example])
    return {
        (200, opening.CONTENT_TYPE): stream,
        **problems("invalid_request", "rate_limited", *codes),
    }


class Events(View):
    content_negotiation_class = AnyFormat

    @extend_schema(
        operation_id="events",
        summary="Everything that happens, as it happens",
        description=(
            "A stream of server-sent events that starts now, or behind `Last-Event-ID`. A comment "
            "every 15 seconds says that it is alive. It may end at any time: come back with the id "
            "of the last event."
        ),
        tags=["Events"],
        parameters=[LAST_EVENT_ID],
        responses=described(),
    )
    def get(self, request: Request) -> HttpResponseBase:
        return opened(request, mark=resumed(request))


def resumed(request: Request) -> Mark | None:
    """The place behind the event that the client names, or None. Raises a 422 for any other id."""
    text = request.META.get("HTTP_LAST_EVENT_ID")
    if not text:
        return None
    id = ids.private("evt", text)
    mark = reading.behind(id, caller(request).workspace) if id else None
    if mark is None:
        raise invalid("Last-Event-ID", "unknown", "There is no such event.")
    return mark


def opened(
    request: Request, *, mark: Mark | None, subject: str = "", until: Collection[str] = ()
) -> HttpResponseBase:
    """
    A stream that begins at this mark, or now.

    :raises Problem: where streams are not served, or too many of this workspace's are open.
    """
    key = caller(request).key
    holder = Program(key.id)
    if not opening.can_stream(request._request):
        raise Problem("unavailable", "Streams are served by the events process, not by this one.")
    if hub.is_full(key.workspace_id, holder):
        detail = "So many streams of this workspace are open: close some."
        raise Problem("rate_limited", detail, retry_after=opening.COME_BACK, limit="streams")
    joined = reading.now()
    stream = Stream(
        workspace_id=key.workspace_id,
        holder=holder,
        mark=mark or joined,
        joined=joined,
        subject=subject,
        until=until,
    )
    return opening.opened(request._request, stream)
