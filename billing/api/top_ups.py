"""Paying money in, over the API: a page to pay at, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import ids
from accounts.api import idempotency
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.fields import Boolean, Strict, checked
from accounts.api.idempotency import Made
from accounts.api.problems import Problem
from accounts.api.schema import IDEMPOTENCY_KEY, REPLAYED, responses
from accounts.models import Act, Workspace
from billing.api import present, shapes
from billing.api.fields import Amount
from billing.api.refusals import declined, not_paid
from billing.models import TopUp, TopUpState
from billing.payments import gateway, saved_card, top_ups


class TopUpBody(Strict):
    """How much, in USD, and how it is paid."""

    amount = Amount(help_text="Between 5.00 and 2000.00.")
    save_card = Boolean(default=False, help_text="Keep the card that pays at the page.")
    charge_saved_card = Boolean(
        default=False,
        help_text="Charge the card that was kept, at once and without a page. The owner of the "
        "workspace has to allow it on the wallet's page.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["save_card"] and given["charge_saved_card"]:
            raise ValidationError({"save_card": ErrorDetail("That card is kept.", "conflict")})
        return given


class TopUps(View):
    act = Act.SPEND_SETTINGS

    @extend_schema(
        operation_id="topUp",
        summary="Begin a top-up, or charge the saved card",
        description="Open `url` in a browser and pay there. The money is in the wallet when "
        "`status` is `paid`.\n\nWith `charge_saved_card` nobody opens a page: the answer is "
        "`paid`, or a problem when the bank declines. `open` means that the bank has not "
        "answered yet; what comes of it is at `GET /wallet/top-ups/{id}` and told as "
        "`wallet.topped_up`. Send an `Idempotency-Key`: then the card is charged once, however "
        "often you ask. A declined charge stays declined under its key.",
        tags=["Wallet"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=TopUpBody,
        responses=responses(
            shapes.TopUpSerializer,
            "card_declined",
            "charging_switched_off",
            "idempotency_in_flight",
            "idempotency_mismatch",
            "invalid_request",
            "length_required",
            "no_saved_card",
            "payload_too_large",
            "payment_refused",
            "payments_not_configured",
            "unsupported_media_type",
            example=shapes.TOP_UP,
            status=201,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Written down once per key; Stripe is asked outside of any transaction, once, too."""
        wish = checked(TopUpBody, request.data)
        if not gateway.is_configured():
            raise not_paid(gateway.NotConfigured("Cards are not set up here."))
        try:
            if wish["charge_saved_card"]:
                return _charged(request, wish["amount"], now=timezone.now())
            return _to_be_paid(request, wish, now=timezone.now())
        except gateway.PaymentError as error:
            raise not_paid(error) from None


class OneTopUp(View):
    @extend_schema(
        operation_id="topUpById",
        summary="What became of a top-up",
        tags=["Wallet"],
        responses=responses(
            shapes.TopUpSerializer, "invalid_request", "not_found", example=shapes.TOP_UP
        ),
    )
    def get(self, request: Request, id: str) -> Response:
        return Response(present.top_up(find(id, caller(request).workspace)))


def find(name: str, workspace: Workspace) -> TopUp:
    found = ids.private("top", name)
    one = TopUp.objects.for_workspace(workspace).filter(pk=found).first() if found else None
    if one is None:
        raise Problem("not_found", "There is no such top-up.")
    return one


def page_of(one: TopUp) -> str:
    """Where a person sees it."""
    return f"{settings.SITE_URL}/wallet/top-ups/{one.public_id}"


def _to_be_paid(request: Request, wish: Mapping[str, Any], *, now: datetime) -> Response:
    """Where a person pays it."""
    one, headers = _begun(request, top_ups.begin, wish["amount"], now)
    url = top_ups.open_page(one, back_to=page_of(one), save_card=wish["save_card"])
    return Response(present.top_up(one, url=url), status=201, headers=headers)


def _charged(request: Request, amount: int, *, now: datetime) -> Response:
    """Only whoever began it charges; who asks again hears what came of it."""
    one, again = _begun(request, saved_card.begin, amount, now)
    if not again:
        one = saved_card.charge(one, now=now)
    elif saved_card.is_in_hand(one, now=now):
        raise Problem("idempotency_in_flight", retry_after=1)
    if one.state == TopUpState.FAILED:
        raise declined(one)
    return Response(present.top_up(one), status=201, headers=again)


def _begun(
    request: Request, begin: Callable[..., TopUp], amount: int, now: datetime
) -> tuple[TopUp, dict[str, str]]:
    """The top-up, written down once per key; with a header where that was done before."""
    who, name = caller(request), idempotency.REPLAYED

    def made() -> Made:
        one = begin(who.workspace, amount=amount, actor=who.key.public_id, now=now)
        return Made(one.public_id, {"id": one.public_id}, 201)

    answer = idempotency.once(
        idempotency.asked(request), made, again=lambda id: Made(id, {"id": id}, 201)
    )
    one = find(json.loads(answer.content)["id"], who.workspace)
    return one, {name: answer[name]} if name in answer else {}
