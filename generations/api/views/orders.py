"""Order a clip, follow it, cancel it, delete it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import ids
from accounts.api import idempotency, pagination, waiting
from accounts.api.authentication import Caller, caller
from accounts.api.base import View
from accounts.api.fields import Nothing, checked
from accounts.api.idempotency import Asked, Made
from accounts.api.problems import Problem
from accounts.api.schema import IDEMPOTENCY_KEY, REPLAYED, problems, responses
from accounts.models import Workspace
from generations import orders, stopping, timing
from generations.api import estimates, examples, images, present, shapes, wishes
from generations.api.bodies import IMAGE_BODY, OrderBody
from generations.api.filters import GenerationQuery, filtered
from generations.api.refusals import refusals
from generations.api.wishes import Wish
from generations.models import Generation, Upload
from generations.orders import Customer
from generations.states import FINAL

#: How an order that was taken is answered.
Show = Callable[[list[Generation], datetime], Made]

PLACED = PolymorphicProxySerializer(
    component_name="Placed",
    serializers=[shapes.GenerationSerializer, shapes.BatchSerializer],
    resource_type_field_name=None,
)


class Generations(View):
    max_body = IMAGE_BODY
    query = GenerationQuery
    paid = True

    @extend_schema(
        operation_id="order",
        summary="Order a clip",
        description=(
            "The price is held now and taken when the clip is delivered; if it never is, it is "
            "given back. With `count` the answer is a list of independent generations that share "
            "a `batch`. With `dry_run` it is 200 and a quote without id: everything was checked, "
            "nothing was stored or held, and an Idempotency-Key is not used up."
        ),
        tags=["Generations"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED, waiting.PREFER, waiting.APPLIED],
        request=OrderBody,
        examples=examples.ORDERS,
        responses=responses(PLACED, status=202, example=examples.GENERATION)
        | responses(
            shapes.QuoteSerializer,
            "debt_outstanding",
            "idempotency_in_flight",
            "idempotency_mismatch",
            "image_url_not_allowed",
            "insufficient_funds",
            "invalid_request",
            "length_required",
            "not_found",
            "not_sold",
            "payload_too_large",
            "price_above_max",
            "prompt_not_allowed",
            "provider_paused",
            "quote_expired",
            "quote_mismatch",
            "quote_used",
            "spend_limit_reached",
            "storage_full",
            "unsupported_media_type",
            "webhook_url_not_allowed",
            description="A dry run.",
            example=examples.DRY_RUN,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        who, now = caller(request), timezone.now()
        with refusals():
            wish = wishes.understood(
                request.data, form=OrderBody, workspace=who.workspace, need_prompt=True
            )
            asked = idempotency.asked(request)
            if wish.dry_run:
                return Response(estimates.dry_run(wish, workspace=who.workspace, now=now))
            placed = ordered(asked, wish, who, now, show=_made)
            return _waited(request, placed, who.workspace)

    @extend_schema(
        operation_id="generations",
        summary="Your generations, newest first",
        tags=["Generations"],
        parameters=[GenerationQuery],
        responses=responses(
            shapes.GenerationListSerializer, "invalid_request", example=examples.GENERATIONS
        ),
    )
    def get(self, request: Request) -> Response:
        rows = Generation.objects.for_workspace(caller(request).workspace).whole()
        rows = filtered(rows, self.parameters).order_by("-id")
        if after := pagination.id_after(self.parameters.get("cursor")):
            rows = rows.filter(id__lt=after)
        return Response(
            _listed(list(rows[: self.parameters["limit"] + 1]), self.parameters["limit"])
        )


class OneGeneration(View):
    @extend_schema(
        operation_id="generation",
        summary="One generation",
        tags=["Generations"],
        parameters=[waiting.PREFER, waiting.APPLIED],
        responses=responses(
            shapes.GenerationSerializer, "invalid_request", "not_found", example=examples.GENERATION
        ),
    )
    def get(self, request: Request, id: str) -> Response:
        one = mine(request, id)
        if applied := _wait(request, [one.pk], one.workspace):
            one = mine(request, id)
        return Response(_shown(one, timezone.now()), headers=applied)

    @extend_schema(
        operation_id="deleteGeneration",
        summary="Delete a finished generation",
        description="Its files are removed at once, its links are dead. Money rows stay.",
        tags=["Generations"],
        responses={204: None, **problems("invalid_request", "not_found", "not_finished")},
    )
    def delete(self, request: Request, id: str) -> Response:
        with refusals():
            orders.delete(generation=mine(request, id))
        return Response(status=204)


class Cancel(View):
    @extend_schema(
        operation_id="cancel",
        summary="Cancel a generation that waits",
        description=(
            "What no provider has been asked for is canceled and its hold given back; so is what "
            "its provider stops free of charge. Anything else answers 409 `not_cancelable`; the "
            "wish is remembered, and fulfilled if the order comes back to the queue."
        ),
        tags=["Generations"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=None,
        responses=responses(
            shapes.GenerationSerializer,
            "already_finished",
            "idempotency_in_flight",
            "idempotency_mismatch",
            "invalid_request",
            "length_required",
            "not_cancelable",
            "not_found",
            "payload_too_large",
            "unsupported_media_type",
            example=examples.CANCELED,
        ),
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        checked(Nothing, request.data)
        now, workspace = timezone.now(), caller(request).workspace
        one = mine(request, id)
        stopping.stop(one)  # which waits for the provider, so before any transaction
        return idempotency.once(
            idempotency.asked(request),
            lambda: _canceled(one, now),
            again=lambda reference: _made(_placed_before(reference, workspace), now),
        )


def mine(request: Request, id: str) -> Generation:
    """The workspace's own generation of this id. Raises a 404 Problem for any other."""
    return find(id, caller(request).workspace)


def find(id: str, workspace: Workspace) -> Generation:
    key = ids.private("gen", id)
    rows = Generation.objects.for_workspace(workspace).whole()
    one = rows.filter(id=key).first() if key else None
    if one is None:
        raise Problem("not_found", "There is no such generation.")
    return one


def ordered(
    asked: Asked | None, wish: Wish, who: Caller, now: datetime, *, show: Show
) -> HttpResponse:
    """Placed once. Bytes of an image are judged between transactions, when all else is in order."""

    def again(reference: str) -> Made:
        return show(_placed_before(reference, who.workspace), now)

    if wish.image and wish.image.content is not None:
        if before := idempotency.replay(asked, again=again):
            return before
        estimates.estimate(wish, workspace=who.workspace, now=now)
    with images.kept(wish.image, workspace=who.workspace) as first_frame:

        def perform() -> Made:
            placed = _placed(wish, who, first_frame, now)
            return replace(show(placed, now), last=partial(_held, placed))

        return idempotency.once(asked, perform, again=again)


def _waited(request: Request, placed: HttpResponse, workspace: Workspace) -> HttpResponse:
    """The answer to an order, shown anew when all that was placed has come to its end."""
    if "HTTP_PREFER" not in request.META:
        return placed
    shown = json.loads(placed.content)
    keys = [uuid.UUID(hex=one["id"].removeprefix("gen_")) for one in shown.get("data", [shown])]
    if applied := _wait(request, keys, workspace):
        ends = _placed_before(shown.get("id") or shown["batch"], workspace)
        placed.content = idempotency.answer(_made(ends, timezone.now())).content
        for name, value in applied.items():
            placed[name] = value
    return placed


def _wait(request: Request, keys: Collection[uuid.UUID], workspace: Workspace) -> dict[str, str]:
    rows = Generation.objects.for_workspace(workspace).filter(id__in=keys)
    unfinished = rows.exclude(state__in=FINAL)
    return waiting.until(
        request,
        lambda: not unfinished.exists(),
        subjects=[Generation(id=key).reference for key in keys],
    )


def customer(who: Caller) -> Customer:
    """Who orders with this key."""
    return Customer(workspace=who.workspace, user=who.user, api_key=who.key)


def _placed(wish: Wish, who: Caller, first_frame: Upload | None, now: datetime) -> list[Generation]:
    with refusals():
        return orders.place(
            customer=customer(who),
            spec=wish.spec,
            now=now,
            count=wish.count,
            quote_id=wish.quote_id,
            extras=wish.extras(first_frame),
            held=False,
        )


def _held(placed: list[Generation]) -> None:
    with refusals():
        orders.hold(placed)


def _canceled(one: Generation, now: datetime) -> Made:
    with refusals():
        canceled = orders.cancel(generation=one)
    return Made(canceled.public_id, _shown(canceled, now))


def _placed_before(reference: str, workspace: Workspace) -> list[Generation]:
    """What a request made, as it is now."""
    batch = ids.private("bat", reference)
    if batch is None:
        return [find(reference, workspace)]
    rows = Generation.objects.for_workspace(workspace).whole().filter(batch=batch)
    if not (placed := list(rows.order_by("id"))):
        raise Problem("not_found", "What this request made has been deleted.")
    return placed


def _made(placed: list[Generation], now: datetime) -> Made:
    first = placed[0]
    if first.batch:
        return Made(ids.public("bat", first.batch), present.batch(placed, now=now), 202)
    return Made(first.public_id, present.whole_generation(first, now=now), 202)


def _shown(one: Generation, now: datetime) -> dict[str, object]:
    place = timing.queue_positions([one]).get(one.pk)
    return present.whole_generation(one, now=now, queue_position=place)


def _listed(rows: list[Generation], limit: int) -> dict[str, object]:
    now, places = timezone.now(), timing.queue_positions(rows[:limit])
    return pagination.listed(
        rows,
        limit=limit,
        show=lambda row: present.generation(row, now=now, queue_position=places.get(row.pk)),
        cursor=lambda row: pagination.id_cursor(row.pk),
    )
