"""The shapes of `present.py`, for OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api import schema
from accounts.api.schema import fixed, list_shape, public_id, word
from billing.models import Kind


class WalletSerializer(serializers.Serializer[Any]):
    """What the workspace has."""

    object = fixed("wallet")
    available = schema.amount(help_text="What can be spent now.")
    held = schema.amount(help_text="Set aside for clips under way.")
    debt = schema.amount(help_text="Owed to us; while there is some, nothing can be ordered.")
    currency = fixed("USD")


class TransactionSerializer(serializers.Serializer[Any]):
    """One movement of money. Rows are never changed."""

    id = public_id("txn")
    object = fixed("transaction")
    type = word(*Kind.values)
    amount = schema.amount(
        help_text=(
            "What it gave (positive) or took. A hold takes from `available`; the capture of the "
            "same clip takes from what is held: it leaves `available_after` as it was."
        )
    )
    available_after = schema.amount()
    held_after = schema.amount()
    currency = fixed("USD")
    generation = public_id("gen", allow_null=True, help_text="The clip it is about.")
    reference = serializers.CharField(help_text="What it is about, as the books name it.")
    description = serializers.CharField()
    created_at = serializers.DateTimeField()


TransactionListSerializer = list_shape("TransactionList", TransactionSerializer)


WALLET = {
    "object": "wallet",
    "available": "9.72",
    "held": "0.28",
    "debt": "0.00",
    "currency": "USD",
}
TRANSACTION = {
    "id": "txn_019aa5c4b1f07c3e8f5d2a6b9c0d1e2f",
    "object": "transaction",
    "type": "hold",
    "amount": "-0.28",
    "available_after": "9.72",
    "held_after": "0.28",
    "currency": "USD",
    "generation": "gen_019aa5c4b1ef7d2c9a1b3c4d5e6f7081",
    "reference": "generation:019aa5c4b1ef7d2c9a1b3c4d5e6f7081",
    "description": "",
    "created_at": "2026-11-21T09:30:00.000Z",
}
