"""Amounts in a body."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing import money


@extend_schema_field(
    {"type": "string", "pattern": f"^{money.AMOUNT.pattern}$", "examples": ["0.28"]}
)
class Amount(serializers.Field[int, Any, str, Any]):
    """A decimal string in USD; its value is micro-dollars."""

    default_error_messages = {"invalid": 'Give an amount in USD as a string, such as "0.28".'}

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return money.micros(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error), "invalid") from None

    def to_representation(self, value: int) -> str:
        return money.usd(value)
