"""The shapes of `present.py`, for OpenAPI."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api import schema
from accounts.api.schema import fixed, list_shape, public_id, word
from accounts.models import Scope
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


class TopUpSerializer(serializers.Serializer[Any]):
    """One payment by card."""

    id = public_id("top")
    object = fixed("top_up")
    status = word("open", "paid", "failed", "expired")
    amount = schema.amount()
    currency = fixed("USD")
    automatic = serializers.BooleanField(help_text="Begun by itself, with the saved card.")
    url = serializers.URLField(allow_null=True, help_text="Where it is paid, while it is open.")
    receipt_url = serializers.URLField(allow_null=True)
    error = serializers.CharField(allow_null=True, help_text="Why nothing was paid.")
    created_at = serializers.DateTimeField()


class SpendLimitsSerializer(serializers.Serializer[Any]):
    """The most it may spend, in USD; null: no limit of its own."""

    day = schema.amount(allow_null=True)
    month = schema.amount(allow_null=True)
    lifetime = schema.amount(allow_null=True)


class RateLimitsSerializer(serializers.Serializer[Any]):
    """Orders, and all other requests: a minute, and at once."""

    paid_per_minute = serializers.IntegerField()
    paid_burst = serializers.IntegerField()
    other_per_minute = serializers.IntegerField()
    other_burst = serializers.IntegerField()


class APIKeySerializer(serializers.Serializer[Any]):
    """A key to this workspace."""

    id = public_id("key")
    object = fixed("api_key")
    name = serializers.CharField()
    status = word("active", "expired", "revoked")
    ending = serializers.CharField(help_text="The last characters of its secret.")
    scopes = serializers.ListField(child=word(*Scope.values))
    allowed_addresses = serializers.ListField(child=serializers.CharField())
    spend_limits = SpendLimitsSerializer()
    rate_limits = RateLimitsSerializer()
    made_by = serializers.CharField(
        allow_null=True,
        help_text="A person (`usr_…`) or a key (`key_…`); null for a person who has left.",
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    previous_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the text before the last rotation opens."
    )
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    last_used_from = serializers.CharField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewAPIKeySerializer(APIKeySerializer):
    """A key with its text, told this once."""

    key = serializers.CharField(allow_null=True, help_text="Null in a repeated answer.")


APIKeyListSerializer = list_shape("APIKeyList", APIKeySerializer)

API_KEY = {
    "id": "key_019aa5c4b1f07c3e8f5d2a6b9c0d1e2f",
    "object": "api_key",
    "name": "Render server",
    "status": "active",
    "ending": "x7Qd",
    "scopes": ["read", "generate"],
    "allowed_addresses": ["203.0.113.0/24"],
    "spend_limits": {"day": None, "month": "50.00", "lifetime": None},
    "rate_limits": {
        "paid_per_minute": 120,
        "paid_burst": 40,
        "other_per_minute": 1200,
        "other_burst": 200,
    },
    "made_by": "key_019aa5c4b1ef7d2c9a1b3c4d5e6f7081",
    "created_at": "2026-11-21T09:30:00.000Z",
    "expires_at": None,
    "previous_until": None,
    "last_used_at": None,
    "last_used_from": None,
    "revoked_at": None,
}
NEW_API_KEY = {**API_KEY, "key": f"rly_live_0123456789_{'x' * 43}{'x' * 6}"}


class SpentSerializer(serializers.Serializer[Any]):
    amount = schema.amount(help_text="Charges less refunds.")
    charges = serializers.IntegerField()


class UsageRowSerializer(SpentSerializer):
    """What was spent on one combination of what was asked for; the other names are left out."""

    day = serializers.DateField(required=False)
    member = public_id("usr", required=False, allow_null=True, help_text="Who ordered.")
    key = public_id("key", required=False, allow_null=True, help_text="Null: on the website.")
    model = serializers.CharField(required=False, allow_null=True)


#: `from` is a word of Python's, so the class is made from a table.
UsageSerializer: type[serializers.Serializer[Any]] = type(
    "UsageSerializer",
    (serializers.Serializer,),
    {
        "__doc__": "What was spent in a period.",
        "object": fixed("usage"),
        "from": serializers.DateField(help_text="The first day, UTC."),
        "to": serializers.DateField(help_text="The last day, included."),
        "by": serializers.ListField(child=word("day", "member", "key", "model")),
        "currency": fixed("USD"),
        "data": UsageRowSerializer(many=True),
        "total": SpentSerializer(),
    },
)

TOP_UP = {
    "id": "top_019aa5c4b1f07c3e8f5d2a6b9c0d1e2f",
    "object": "top_up",
    "status": "open",
    "amount": "25.00",
    "currency": "USD",
    "automatic": False,
    "url": "https://checkout.stripe.com/c/pay/cs_live_a1b2c3",
    "receipt_url": None,
    "error": None,
    "created_at": "2026-11-21T09:30:00.000Z",
}
PAID_TOP_UP = TOP_UP | {
    "status": "paid",
    "url": None,
    "receipt_url": "https://pay.stripe.com/receipts/payment/a1b2c3",
}
FAILED_TOP_UP = TOP_UP | {
    "status": "failed",
    "automatic": True,
    "url": None,
    "error": "Your card has insufficient funds.",
}
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
DEPOSIT = TRANSACTION | {
    "type": "deposit",
    "amount": "25.00",
    "available_after": "34.72",
    "held_after": "0.28",
    "generation": None,
    "reference": "top-up:019aa5c4b1f07c3e8f5d2a6b9c0d1e2f",
    "description": "Top-up by card",
}
USAGE = {
    "object": "usage",
    "from": "2026-10-23",
    "to": "2026-11-21",
    "by": ["day", "model"],
    "currency": "USD",
    "data": [
        {"day": "2026-11-20", "model": "hailuo-2.3", "amount": "1.12", "charges": 4},
        {"day": "2026-11-21", "model": "hailuo-2.3-fast", "amount": "0.19", "charges": 1},
    ],
    "total": {"amount": "1.31", "charges": 5},
}
