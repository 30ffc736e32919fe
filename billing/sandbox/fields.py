"""
Parameters as Stripe takes them: form encoded, nested as `a[b][0][c]`, read with their types.

What nobody has read when the request is done was not a parameter of that request, and `finish`
refuses it, as Stripe does with `parameter_unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from billing.sandbox.loopback import is_web_address
from billing.sandbox.money import SIGNS
from billing.sandbox.refusals import invalid

_PART = re.compile(r"[^\[\]]+|\[\]")

#: of one request
MOST_FIELDS, DEEPEST = 2000, 10

#: of metadata
MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500
TRUE, FALSE = {"true", "1", "True"}, {"false", "0", "False"}


def decode(encoded: str) -> dict[str, Any]:
    """The nested parameters of a query or a body; lists where the keys are numbers."""
    top: dict[str, Any] = {}
    for name, value in _pairs(encoded):
        parts = _PART.findall(name) or [name]
        if len(parts) > DEEPEST:
            raise invalid("Invalid request: too many levels", name)
        _place(top, parts, value)
    return {name: _with_lists(value) for name, value in top.items()}


class Fields:
    """The parameters of one request, or those under one name of it."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path
        self._read: set[str] = set()
        self._children: list[Fields] = []

    def text(self, name: str, otherwise: str | None = None, longest: int = 5000) -> str | None:
        value = self._take(name)
        if value is None or value == "":
            return otherwise
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {value}", self._full(name), "parameter_invalid_string")
        if len(value) > longest:
            raise invalid(f"Invalid string: at most {longest} characters", self._full(name))
        return value

    def needed(self, name: str) -> str:
        found = self.text(name)
        if found is None:
            raise self.absent(name)
        return found

    def integer(self, name: str, least: int = 0, most: int = 2**53) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,15}", value):
            message = f"Invalid integer: {value}"
            raise invalid(message, self._full(name), "parameter_invalid_integer")
        number = int(value)
        if number < least:
            message = f"This value must be greater than or equal to {least}."
            raise invalid(message, self._full(name), "parameter_invalid_integer")
        if number > most:
            message = f"This value must be less than or equal to {most}."
            raise invalid(message, self._full(name), "parameter_invalid_integer")
        return number

    def boolean(self, name: str, otherwise: bool = False) -> bool:
        value = self.text(name)
        if value is None:
            return otherwise
        if value not in TRUE | FALSE:
            raise invalid(f"Invalid boolean: {value}", self._full(name))
        return value in TRUE

    def choice(self, name: str, among: Iterable[str], otherwise: str | None = None) -> str | None:
        value, allowed = self.text(name), sorted(among)
        if value is not None and value not in allowed:
            raise invalid(f"Invalid {name}: must be one of {', '.join(allowed)}", self._full(name))
        return value or otherwise

    def address(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None and not is_web_address(value):
            raise invalid("Not a valid URL", self._full(name), "url_invalid")
        return value

    def currency(self, name: str) -> str:
        found = self.needed(name).lower()
        if found not in SIGNS:
            told = f"Invalid currency: {found}. The sandbox knows {', '.join(sorted(SIGNS))}"
            raise invalid(told, self._full(name))
        return found

    def strings(self, name: str) -> list[str]:
        found = self._take(name)
        if found is None or found == "":
            return []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise invalid("Invalid array", self._full(name))
        return found

    def under(self, name: str) -> Fields:
        """The parameters under this name; empty when there are none."""
        found = self._take(name)
        if found is None or found == "":
            return Fields({})
        if not isinstance(found, dict):
            raise invalid("Invalid object", self._full(name))
        return self._child(found, name)

    def items(self, name: str) -> list[Fields]:
        found = self._take(name) or []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise invalid("Invalid array", self._full(name))
        return [self._child(one, f"{name}[{place}]") for place, one in enumerate(found)]

    def metadata(self, before: Mapping[str, str] | None = None) -> dict[str, str]:
        """What was there with what is given; an empty value removes its key."""
        found = self._take("metadata")
        if found == "":
            return {}
        given = found or {}
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            raise invalid("Invalid object", self._full("metadata"))
        merged = {key: value for key, value in {**(before or {}), **given}.items() if value}
        for key, value in merged.items():
            if len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE or len(merged) > MOST_KEYS:
                raise invalid("Invalid metadata: too large", f"{self._full('metadata')}[{key}]")
        return merged

    def given(self, name: str) -> bool:
        return name in self._values

    def accept(self, *names: str) -> None:
        """Stripe knows these, and here they change nothing."""
        self._read.update(names)

    def absent(self, name: str) -> Exception:
        full = self._full(name)
        return invalid(f"Missing required param: {full}.", full, "parameter_missing")

    def finish(self) -> None:
        """Raise Refusal for the first parameter that nobody has read."""
        for name in self._values:
            if name not in self._read:
                full = self._full(name)
                raise invalid(f"Received unknown parameter: {full}", full, "parameter_unknown")
        for child in self._children:
            child.finish()

    def everything(self) -> Mapping[str, Any]:
        return self._values

    def _take(self, name: str) -> Any:
        self._read.add(name)
        return self._values.get(name)

    def _full(self, name: str) -> str:
        if not self._path:
            return name
        first, bracket, rest = name.partition("[")
        return f"{self._path}[{first}]{bracket}{rest}"

    def _child(self, values: Mapping[str, Any], name: str) -> Fields:
        child = Fields(values, self._full(name))
        self._children.append(child)
        return child


def _pairs(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise invalid("Invalid request: too many parameters", "") from None


def _place(top: dict[str, Any], parts: list[str], value: str) -> None:
    """Put one value where its name says."""
    inside = top
    for part in parts[:-1]:
        inside = _open(inside, part)
    inside[_key(inside, parts[-1])] = value


def _open(inside: dict[str, Any], part: str) -> dict[str, Any]:
    under = inside.setdefault(_key(inside, part), {})
    if not isinstance(under, dict):
        raise invalid("Invalid object", part)
    return under


def _key(inside: Mapping[str, Any], part: str) -> str:
    """`[]` means one more."""
    return str(len(inside)) if part == "[]" else part


def _with_lists(value: Any) -> Any:
    """Dictionaries whose keys are all numbers become lists, in their order."""
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(one) for key, one in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
