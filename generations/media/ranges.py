"""Which part of a file a browser asks for (RFC 9110, section 14). Pure: no file, no response."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: One range of bytes. Several at once are legal to ask for and legal to ignore.
_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)
#: Beyond any file, and short enough for int() not to mind.
_MANY_DIGITS = 18


class Unsatisfiable(Exception):
    """The range lies outside the file: answer 416 with `content_range`."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has only {size} bytes.")
        self.content_range = f"bytes */{size}"


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes from `start` up to, not including, `stop`, of a file of `size` bytes."""

    start: int
    stop: int
    size: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def parse_range(header: str | None, size: int) -> Range | None:
    """
    The one range asked for, or None where the whole file is the right answer: no header, another
    unit, several ranges, or one that makes no sense.

    :raises Unsatisfiable: if the range makes sense but not for a file of this size.
    """
    asked = _ONE_RANGE.fullmatch(header or "")
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = (_number(digits) for digits in asked.groups())
    if first is None:
        return _last_bytes(last or 0, size)
    if last is not None and last < first:
        return None
    if first >= size:
        raise Unsatisfiable(size)
    return Range(first, min(size, size if last is None else last + 1), size)


def if_range_matches(header: str | None, *, etag: str, modified_at: datetime | None = None) -> bool:
    """
    Whether a range may be served, given If-Range: the file is still the one that was begun.
    `etag` is ours, with its quotes; weak ones and dates that are not exactly ours never match.
    """
    if not header:
        return True
    validator = header.strip()
    if validator.startswith(('"', "W/")):
        return validator == etag and not validator.startswith("W/")
    return modified_at is not None and _date(validator) == _whole_second(modified_at)


def _last_bytes(count: int, size: int) -> Range | None:
    if count == 0:
        raise Unsatisfiable(size)
    return Range(max(0, size - count), size, size) if size else None


def _number(digits: str) -> int | None:
    if not digits:
        return None
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= _MANY_DIGITS else 10**_MANY_DIGITS


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _whole_second(moment: datetime) -> datetime:
    """HTTP dates have no fractions."""
    return moment.astimezone(UTC).replace(microsecond=0)
