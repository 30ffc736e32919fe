"""What happens to one generation, as it happens."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from accounts.api import streams
from accounts.api.base import View
from accounts.api.formats import AnyFormat
from accounts.streams.reading import START, Mark
from generations.api.views.orders import mine
from generations.models import Generation
from generations.states import FINAL, PUBLIC

#: Types of events after which nothing comes.
ENDS = frozenset(f"generation.{PUBLIC[state]}" for state in FINAL)


class GenerationEvents(View):
    content_negotiation_class = AnyFormat

    @extend_schema(
        operation_id="generationEvents",
        summary="What happens to one generation, as it happens",
        description=(
            "A stream of server-sent events: what happened so far, or behind `Last-Event-ID`, then "
            "what happens. It closes after the last event; who comes back then is told 204, which "
            "keeps a browser from trying again."
        ),
        tags=["Generations"],
        parameters=[streams.LAST_EVENT_ID],
        responses=streams.described("not_found")
        | {204: OpenApiResponse(description="Nothing will happen any more.")},
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        one, mark = mine(request, id), streams.resumed(request) or START
        if one.is_final and not _ends_after(mark, one):
            return HttpResponse(status=204)
        return streams.opened(request, mark=mark, subject=one.reference, until=ENDS)


def _ends_after(mark: Mark, one: Generation) -> bool:
    ends = one.workspace.events.filter(subject=one.reference, type__in=ENDS)
    return any((end.position, end.id) > mark for end in ends)
