"""Create, look at, list, remix, download and delete videos, as OpenAI's clients do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import ids
from accounts.api import base, idempotency
from accounts.api.authentication import Caller, caller
from accounts.api.fields import checked
from accounts.api.idempotency import Made
from accounts.api.parsers import StrictJSONParser
from accounts.api.problems import Problem, invalid
from generations import catalog, orders
from generations.api import wishes
from generations.api.bodies import IMAGE_BODY, OrderBody
from generations.api.refusals import refusals
from generations.api.views.files import File
from generations.api.views.orders import customer, find, mine, ordered
from generations.connect import names
from generations.models import Generation
from generations.openai import bodies, errors, operations, shapes
from generations.openai.forms import VideoForm
from generations.openai.operations import POLL_AFTER
from generations.openai.queries import VariantQuery, VideoQuery
from generations.orders import Extras
from generations.spec import ClipSpec
from generations.spec import checked as checked_spec


class View(base.View):
    """As all views of the API, but refusing in OpenAI's words."""

    parser_classes = (StrictJSONParser, VideoForm)

    def get_exception_handler(self) -> Callable[..., HttpResponse]:
        return errors.handle


class Videos(View):
    max_body = IMAGE_BODY
    query = VideoQuery
    paid = True

    @operations.create
    def post(self, request: Request) -> HttpResponse:
        who, now = caller(request), timezone.now()
        body = bodies.translated(dict(request.data))
        with refusals():
            wish = wishes.understood(
                body.order,
                form=OrderBody,
                workspace=who.workspace,
                need_prompt=True,
                frame=body.frame,
            )
            tried = idempotency.tried(request, body.canonical, now=now)
            return _under_way(ordered(tried, wish, who, now, show=shapes.made))

    @operations.listed
    def get(self, request: Request) -> Response:
        asked = self.parameters
        rows = Generation.objects.for_workspace(caller(request).workspace)
        newest_first = asked["order"] == "desc"
        if "after" in asked:
            rows = rows.filter(**{"id__lt" if newest_first else "id__gt": _after(asked["after"])})
        rows = rows.order_by("-id" if newest_first else "id")
        return Response(shapes.page(list(rows[: asked["limit"] + 1]), limit=asked["limit"]))


class OneVideo(View):
    @operations.retrieve
    def get(self, request: Request, id: str) -> Response:
        one = mine(request, id)
        wait = shapes.poll_after(one, now=timezone.now())
        return Response(shapes.video(one), headers={POLL_AFTER: str(wait)} if wait else None)

    @operations.delete
    def delete(self, request: Request, id: str) -> Response:
        one = mine(request, id)
        with refusals():
            orders.delete(generation=one)
        return Response(shapes.deleted(one))


class Content(View, File):
    query = VariantQuery

    @operations.content
    def get(self, request: Request, id: str) -> HttpResponseBase:
        kind = "clip" if self.parameters["variant"] == "video" else "poster"
        return self.give(request, id, kind)


class Remix(View):
    paid = True

    @operations.remix
    def post(self, request: Request, id: str) -> HttpResponse:
        """A new order with the source's parameters and first frame; its price is today's."""
        who, now = caller(request), timezone.now()
        prompt = checked(bodies.Remix, request.data)["prompt"]
        response = idempotency.once(
            idempotency.tried(request, now=now),
            lambda: _remixed(id, prompt, who, now),
            again=lambda reference: shapes.made([find(reference, who.workspace)], now),
        )
        return _under_way(response)


class Models(View):
    @operations.models
    def get(self, request: Request) -> Response:
        listed = [shapes.model(one) for one in catalog.MODELS.values()]
        return Response({"object": "list", "data": listed})


class OneModel(View):
    @operations.model
    def get(self, request: Request, name: str) -> Response:
        if name not in catalog.MODELS:
            raise Problem("not_found", "There is no such model.")
        return Response(shapes.model(catalog.MODELS[name]))


@transaction.atomic
def _remixed(id: str, prompt: str, who: Caller, now: datetime) -> Made:
    """The source stays locked until it is ordered, so that nobody deletes its frame meanwhile."""
    source = _locked(id, who)
    with refusals():
        placed = orders.place(
            customer=customer(who),
            spec=checked_spec(_spec(source, prompt), providers=names()),
            now=now,
            extras=Extras(
                first_frame=source.first_frame, image_url=source.image_url, remix_of=source
            ),
        )
    return shapes.made(placed, now)


def _locked(id: str, who: Caller) -> Generation:
    key = ids.private("gen", id)
    rows = Generation.objects.for_workspace(who.workspace).select_for_update(no_key=True)
    source = rows.filter(id=key).first() if key else None
    if source is None:
        raise Problem("not_found", "There is no such video.")
    return source


def _spec(source: Generation, prompt: str) -> ClipSpec:
    """All that the source was ordered with but its words."""
    options: dict[str, Any] = {
        name: getattr(source, name) for name in wishes.SPEC if name != "provider"
    }
    return ClipSpec(
        **options | {"prompt": prompt},
        provider=source.provider_requested,
        has_image=bool(source.first_frame_id or source.image_url),
    )


def _after(text: str) -> uuid.UUID:
    """Where to go on; the video itself may be gone."""
    id = ids.private("gen", text)
    if id is None:
        raise invalid("after", "invalid", "Give the id of a video.")
    return id


def _under_way(response: HttpResponse) -> HttpResponse:
    """Nothing was made of it yet."""
    response.headers[POLL_AFTER] = str(shapes.LATEST)
    return response
