"""Fields that take a value as it is or refuse it: no guessing, no converting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

#: The year 0001 in one zone is before the beginning of time in another.
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)
WHOLE = 1_000_000_000


class Text(serializers.CharField):
    """A string; a number is none."""

    default_error_messages = {"invalid": "Give a string."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False} | options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Integer(serializers.IntegerField):
    """A whole number; neither a string, nor 6.0, nor true is one."""

    default_error_messages = {"invalid": "Give a whole number."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": -WHOLE, "max_value": WHOLE} | options)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class Boolean(serializers.BooleanField):
    """true or false."""

    default_error_messages = {"invalid": "Give true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class QueryInteger(serializers.IntegerField):
    """A whole number in a query: digits, nothing else."""

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(data), re.ASCII):
            self.fail("invalid")
        return int(data)


class Moment(serializers.CharField):
    """An RFC 3339 moment, such as 2026-11-21T09:30:00Z."""

    default_error_messages = {"moment": "Give a moment such as 2026-11-21T09:30:00Z."}

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        if not isinstance(data, str) or not RFC3339.fullmatch(data):
            self.fail("moment")
        try:
            return datetime.fromisoformat(data.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("moment")


class QueryMoment(Moment):
    """In a query a plus sign that was not escaped arrives as a space."""

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        return super().to_internal_value(str(data).replace(" ", "+"))


class QueryDay(serializers.DateField):
    """A day in a query, such as 2026-11-21."""

    default_error_messages = {"day": "Give a day such as 2026-11-21."}

    def to_internal_value(self, data: Any) -> date:
        try:
            return date.fromisoformat(data) if DAY.fullmatch(str(data)) else self.fail("day")
        except ValueError:  # the 31st of February
            self.fail("day")


class Strict(serializers.Serializer[Any]):
    """A body or a query in which every name must be known."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        unknown = self._unknown(data)
        try:
            value: dict[str, Any] = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**unknown, **_by_field(error)}) from None
        if unknown:
            raise ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        names = [name for name in data if name not in self.fields]
        return {name[:100]: [ErrorDetail("There is no such field.", "unknown")] for name in names}


class Nothing(Strict):
    """A body or a query in which there is nothing to say."""


def checked(form: type[Strict], data: Any) -> dict[str, Any]:
    """The values of a body or a query. Raises ValidationError naming every field that is wrong."""
    values: dict[str, Any] = _form(form).run_validation(data)
    return values


@cache
def _form(form: type[Strict]) -> Strict:
    """One for all requests, as the children of a list are: it keeps nothing of what it checks."""
    return form()


def _by_field(error: ValidationError) -> dict[str, Any]:
    return error.detail if isinstance(error.detail, dict) else {"body": error.detail}
