"""The finished file and its poster, for who holds a key."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.base import View
from accounts.api.fields import Strict
from accounts.api.formats import AnyFormat
from accounts.api.problems import COME_BACK, Problem
from accounts.api.schema import Responses, problems
from generations import catalog, serving
from generations.api.views.orders import mine
from generations.models import Generation
from generations.states import State
from generations.storage import NotStored

CLIPS = tuple(catalog.OUTPUT_FORMATS.values())
RANGE = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description="One range of bytes, such as `bytes=0-1023`."
)


class FileQuery(Strict):
    """How a file is to be given out."""

    download = serializers.ChoiceField(
        choices=["1"], required=False, help_text="1: to be saved rather than shown."
    )


class File(View):
    """One of a generation's files."""

    query: ClassVar[type[Strict]] = FileQuery
    content_negotiation_class = AnyFormat

    def give(self, request: Request, id: str, kind: str) -> HttpResponseBase:
        """`kind` is the signed links' word for it."""
        clip = _finished(mine(request, id)).clip
        try:
            stored = serving.find(clip, kind)
            if stored is None:
                raise Problem("not_found", "No picture can be drawn of this clip.")
            return serving.served(request._request, stored)
        except NotStored as missing:
            raise Problem("unavailable", str(missing), retry_after=COME_BACK) from missing


def answers(*media_types: str) -> Responses:
    """A file of one of these types, as it is answered."""

    def file(status: int, description: str) -> Responses:
        said = OpenApiResponse(OpenApiTypes.BINARY, description=description)
        return {(status, media_type): said for media_type in media_types}

    return {
        **file(200, "The file."),
        **file(206, "The part asked for."),
        302: OpenApiResponse(description="Where the file lies, as a link that expires."),
        304: OpenApiResponse(description="It has not changed."),
        416: OpenApiResponse(description="The file has no such part."),
    }


REFUSALS = problems("invalid_request", "not_found", "not_finished")


class Content(File):
    @extend_schema(
        operation_id="content",
        summary="The finished file",
        description=(
            "409 `not_finished` while it is made; 404 where it ended without a clip. Follow "
            "redirects: with S3 the bytes come from there. Range is answered with 206."
        ),
        tags=["Generations"],
        parameters=[FileQuery, RANGE],
        responses=answers(*CLIPS) | REFUSALS,
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        return self.give(request, id, "clip")


class Poster(File):
    @extend_schema(
        operation_id="poster",
        summary="A picture of the finished clip",
        tags=["Generations"],
        parameters=[FileQuery, RANGE],
        responses=answers("image/jpeg") | REFUSALS,
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        return self.give(request, id, "poster")


def _finished(one: Generation) -> Generation:
    if not one.is_final:
        raise Problem("not_finished", f"It is {one.stage}. Ask again when it has succeeded.")
    if one.state != State.SUCCEEDED:
        raise Problem("not_found", f"It has {one.status}: there is no clip.")
    return one
