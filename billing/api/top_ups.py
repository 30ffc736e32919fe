"""Paying money in, over the API: a page to pay at, and what became of it."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
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
from billing.api.refusals import not_paid
from billing.models import TopUp
from billing.payments import gateway, top_ups


class TopUpBody(Strict):
    """How much, in USD, and whether the card is kept for automatic top-ups."""

    amount = Amount(help_text="Between 5.00 and 2000.00.")
    save_card = Boolean(default=False)


class TopUps(View):
    act = Act.SPEND_SETTINGS

    @extend_schema(
        operation_id="topUp",
        summary="Begin a top-up",
        description="Open `url` in a browser and pay there. The money is in the wallet when "
        "`status` is `paid`.",
        tags=["Wallet"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=TopUpBody,
        responses=responses(
            shapes.TopUpSerializer,
            "idempotency_in_flight",
            "idempotency_mismatch",
            "invalid_request",
            "length_required",
            "payload_too_large",
            "payment_refused",
            "payments_not_configured",
            "unsupported_media_type",
            example=shapes.TOP_UP,
            status=201,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Written down once per key; the page is made outside of any transaction, once, too."""
        who, wish = caller(request), checked(TopUpBody, request.data)
        if not gateway.is_configured():
            raise not_paid(gateway.NotConfigured("Cards are not set up here."))

        def begun() -> Made:
            made = top_ups.begin(
                who.workspace, amount=wish["amount"], actor=str(who.key), now=timezone.now()
            )
            return Made(made.public_id, {"id": made.public_id}, 201)

        try:
            answer = idempotency.once(
                idempotency.asked(request), begun, again=lambda name: Made(name, {"id": name}, 201)
            )
            if answer.status_code != 201:
                return answer
            one = find(json.loads(answer.content)["id"], who.workspace)
            url = top_ups.open_page(one, back_to=page_of(one), save_card=wish["save_card"])
        except gateway.PaymentError as error:
            raise not_paid(error) from None
        return Response(present.top_up(one, url=url), status=201, headers=_replayed(answer))


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


def _replayed(answer: HttpResponse) -> dict[str, str]:
    name = idempotency.REPLAYED
    return {name: answer[name]} if name in answer else {}
