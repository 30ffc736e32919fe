"""Firm prices."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import ids
from accounts.api import idempotency
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.idempotency import Made
from accounts.api.problems import Problem
from accounts.api.schema import IDEMPOTENCY_KEY, REPLAYED, responses
from accounts.models import Act, Scope, Workspace
from billing import quotes
from billing.quotes import Quote
from generations import orders
from generations.api import estimates, examples, present, shapes, wishes
from generations.api.bodies import IMAGE_BODY, QuoteBody
from generations.api.refusals import refusals
from generations.api.wishes import Wish


class Quotes(View):
    max_body = IMAGE_BODY
    act = Act.READ
    scope = Scope.GENERATE

    @extend_schema(
        operation_id="quote",
        summary="Ask for a firm price",
        description=(
            "Good for 15 minutes and for one order, whatever the price table says meanwhile. It "
            "binds everything but the prompt and the image; give its id as `quote` when ordering. "
            "A `quote` in this body is not looked at."
        ),
        tags=["Quotes"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=QuoteBody,
        examples=examples.QUOTE_REQUESTS,
        responses=responses(
            shapes.QuoteSerializer, description="A dry run.", example=examples.DRY_RUN
        )
        | responses(
            shapes.QuoteSerializer,
            "idempotency_in_flight",
            "idempotency_mismatch",
            "image_url_not_allowed",
            "invalid_request",
            "length_required",
            "not_found",
            "not_sold",
            "payload_too_large",
            "price_above_max",
            "unsupported_media_type",
            "webhook_url_not_allowed",
            status=201,
            example=examples.QUOTE,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        workspace = caller(request).workspace
        with refusals():
            asked_for = wishes.understood(
                request.data, form=QuoteBody, workspace=workspace, need_prompt=False
            )
            wish, asked = replace(asked_for, quote_id=None), idempotency.asked(request)
            if wish.dry_run:
                return Response(estimates.dry_run(wish, workspace=workspace, now=timezone.now()))
            if wish.image:
                wish.image.judge()
            return idempotency.once(
                asked,
                lambda: _given(wish, workspace),
                again=lambda reference: _made(find(reference, workspace)),
            )


class OneQuote(View):
    @extend_schema(
        operation_id="getQuote",
        summary="One quote",
        tags=["Quotes"],
        responses=responses(
            shapes.QuoteSerializer, "invalid_request", "not_found", example=examples.QUOTE
        ),
    )
    def get(self, request: Request, id: str) -> Response:
        quote = find(id, caller(request).workspace)
        return Response(present.quote(quote, now=timezone.now()))


def find(id: str, workspace: Workspace) -> Quote:
    """The workspace's own quote. Raises a 404 Problem for any other."""
    try:
        return quotes.find(id=ids.private("quo", id) or UUID(int=0), workspace=workspace)
    except quotes.QuoteNotFound as error:
        raise Problem(error.code, str(error)) from None


def _given(wish: Wish, workspace: Workspace) -> Made:
    with refusals():
        quote = orders.quote(
            workspace=workspace, spec=wish.priced, count=wish.count, now=timezone.now()
        )
    return _made(quote)


def _made(quote: Quote) -> Made:
    return Made(quote.public_id, present.quote(quote, now=timezone.now()), 201)
