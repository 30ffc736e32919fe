"""Parameters of a request as data: what each must be, in code and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Fits = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter; the name of one inside another is written `outer.inner`."""

    name: str
    fits: Fits
    rule: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """A parameter that is unknown, missing or not what it must be (`rule`)."""

    kind: Literal["invalid", "missing", "unknown"]
    name: str
    rule: str = ""


def misfit(body: Mapping[str, Any], fields: Sequence[Field]) -> Misfit | None:
    """The first thing wrong with a body. A null is a value, and usually a wrong one."""
    return _unknown(body, fields) or _wrong(body, fields)


def one_of(*values: Any) -> Fits:
    """One of these, of the same type: True is not 1, and 6.0 is not 6."""
    return lambda value: any(value == known and type(value) is type(known) for known in values)


def integer(low: int, high: int | None = None) -> Fits:
    def fits(value: Any) -> bool:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and value >= low and (high is None or value <= high)

    return fits


def text(low: int, high: int) -> Fits:
    return lambda value: isinstance(value, str) and low <= len(value) <= high


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def array(value: Any) -> bool:
    return isinstance(value, list)


def _unknown(body: Mapping[str, Any], fields: Sequence[Field]) -> Misfit | None:
    names = [field.name for field in fields]
    outer = [name for name in names if any(other.startswith(f"{name}.") for other in names)]
    for place in ("", *outer):
        part = _at(body, place)
        for key in part if isinstance(part, Mapping) else ():
            name = f"{place}.{key}" if place else str(key)
            if name not in names:
                return Misfit("unknown", name)
    return None


def _wrong(body: Mapping[str, Any], fields: Sequence[Field]) -> Misfit | None:
    for field in fields:
        value = _at(body, field.name)
        if value is _ABSENT:
            if field.required:
                return Misfit("missing", field.name)
        elif not field.fits(value):
            return Misfit("invalid", field.name, field.rule)
    return None


class _Absent:
    """A value that was not given, which null is not."""


_ABSENT = _Absent()


def _at(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for key in path.split(".") if path else ():
        if not isinstance(value, Mapping) or key not in value:
            return _ABSENT
        value = value[key]
    return value
