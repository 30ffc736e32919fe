"""What is asked for with a new API key."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts import addresses
from accounts.api.fields import Integer, Moment, Strict, Text
from accounts.grants import MOST_NETWORKS, Wish
from accounts.models import Scope
from billing.api.fields import Amount

#: Seconds that a text opens after another came in its place: usually a day, at most a week.
OVERLAP, MOST_OVERLAP = 86_400, 604_800
MOST_A_MINUTE = 1_000_000


@extend_schema_field({"type": "string", "examples": ["203.0.113.0/24", "2001:db8::/32"]})
class Network(serializers.CharField):
    """An address or a network; its value is how it is stored."""

    default_error_messages = {"invalid": "Give a string."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return addresses.network(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error), "invalid") from None


class SpendLimitsBody(Strict):
    """The most it may spend, in USD; days and months are UTC's."""

    day = Amount(required=False)
    month = Amount(required=False)
    lifetime = Amount(required=False)


class RateLimitsBody(Strict):
    """Orders, and all other requests: a minute, and at once."""

    paid_per_minute = Integer(required=False, min_value=1, max_value=MOST_A_MINUTE)
    paid_burst = Integer(required=False, min_value=1, max_value=MOST_A_MINUTE)
    other_per_minute = Integer(required=False, min_value=1, max_value=MOST_A_MINUTE)
    other_burst = Integer(required=False, min_value=1, max_value=MOST_A_MINUTE)


@extend_schema_serializer(component_name="NewAPIKey")
class KeyBody(Strict):
    """A key to be made. What is left out is as its maker has it."""

    name = Text(max_length=100, trim_whitespace=True, help_text="Where it will be used.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.values),
        required=False,
        allow_empty=False,
        max_length=len(Scope.values),
        help_text="What it may do; left out: `read` and `generate`.",
    )
    expires_at = Moment(required=False, allow_null=True, help_text="Left out or null: never.")
    allowed_addresses = serializers.ListField(
        child=Network(max_length=100),
        required=False,
        max_length=MOST_NETWORKS,
        help_text="From where it opens; left out or empty: from everywhere.",
    )
    spend_limits = SpendLimitsBody(required=False)
    rate_limits = RateLimitsBody(required=False)


class RotateBody(Strict):
    """How long the text before goes on opening."""

    overlap_seconds = Integer(default=OVERLAP, min_value=0, max_value=MOST_OVERLAP)


def wish_of(body: dict[str, Any]) -> Wish:
    return Wish(
        name=body["name"].strip(),
        scopes=body.get("scopes", ()),
        expires_at=body.get("expires_at"),
        allowed_addresses=body.get("allowed_addresses", ()),
        rates=body.get("rate_limits", {}),
    )
