"""Forms, as OpenAI's clients send every order: read into what the same order would be as JSON."""

from __future__ import annotations

import re
from typing import Any

from accounts.api.fields import Boolean, Integer
from accounts.api.parsers import FileParser, single
from accounts.api.problems import Problem, invalid
from generations.api.bodies import OrderBody

#: `metadata[order]`; names that nest deeper are unknown.
INSIDE = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")
LIST = "[]"
#: As JSON and as Python write them.
SWITCHES = {"true": True, "True": True, "false": False, "False": False}


class VideoForm(FileParser):
    """
    `tags[]` is a list, `metadata[order]` an object, and `true` is what it says.

    Text remains text where the order takes text.
    """

    def read(self, form: dict[str, list[Any]]) -> dict[str, Any]:
        lists = {
            name.removesuffix(LIST): values for name, values in form.items() if name.endswith(LIST)
        }
        others = {name: values for name, values in form.items() if not name.endswith(LIST)}
        found = _objects(single(others))
        if both := next((name for name in lists if name in found), None):
            raise _twice(both)
        return {name: _typed(name, value) for name, value in found.items()} | lists


def _objects(form: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in form.items():
        inside = INSIDE.fullmatch(name)
        outer, part = (inside[1], {inside[2]: value}) if inside else (name, value)
        known = found.get(outer, {})
        if outer in found and not (inside and isinstance(known, dict)):
            raise _twice(outer)
        found[outer] = known | part if inside else part
    return found


def _twice(name: str) -> Problem:
    return invalid(name[:100], "repeated", "Give it once.")


def _typed(name: str, value: Any) -> Any:
    """What cannot be read as what it should be is left for the order's own fields to refuse."""
    field = OrderBody._declared_fields.get(name)
    if isinstance(field, Boolean) and isinstance(value, str):
        return SWITCHES.get(value, value)
    if isinstance(field, Integer) and re.fullmatch(r"[0-9]{1,9}", str(value), re.ASCII):
        return int(value)
    return value
