"""The wallet and its history."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import pagination
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.schema import responses
from billing import ledger
from billing.api import present, shapes


class Wallet(View):
    @extend_schema(
        operation_id="wallet",
        summary="What you have",
        tags=["Wallet"],
        responses=responses(shapes.WalletSerializer, "invalid_request", example=shapes.WALLET),
    )
    def get(self, request: Request) -> Response:
        return Response(present.wallet(ledger.balance(caller(request).workspace.wallet)))


class Transactions(View):
    query = pagination.PageQuery

    @extend_schema(
        operation_id="transactions",
        summary="Every movement of money, newest first",
        tags=["Wallet"],
        parameters=[pagination.PageQuery],
        responses=responses(
            shapes.TransactionListSerializer,
            "invalid_request",
            example={"object": "list", "data": [shapes.TRANSACTION], "next_cursor": None},
        ),
    )
    def get(self, request: Request) -> Response:
        limit = self.parameters["limit"]
        rows = ledger.history(
            workspace=caller(request).workspace,
            before=pagination.position_after(self.parameters.get("cursor")),
            limit=limit + 1,
        )
        page = pagination.listed(
            rows,
            limit=limit,
            show=present.transaction,
            cursor=lambda row: pagination.position_cursor(row.position),
        )
        return Response(page)
