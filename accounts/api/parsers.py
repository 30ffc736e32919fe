"""
Bodies, read strictly: what two JSON readers could understand differently is refused.

Each view says with `max_body` how many bytes it takes. A body is judged when the view asks for it,
so after authentication.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import IO, Any, cast

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from accounts.api.problems import FieldError, Problem, unreadable

MAX_BODY = 1 << 20
MAX_DEPTH = 20


class StrictJSONParser(BaseParser):
    """UTF-8 JSON objects without duplicate names, NaN, Infinity, lone surrogates or deep nests."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        return decoded(_read(stream, parser_context or {}))


class FileParser(BaseParser):
    """A form with one file in it, kept in memory: the cap of the view is small enough."""

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        request: Request = (parser_context or {})["request"]
        refuse_oversize(request, most=_most(parser_context or {}))
        try:
            reader = _Form(request.META, cast(Any, stream), [_InMemory()], "utf-8")
            fields, files = reader.parse()
        except (MultiPartParserError, SuspiciousOperation) as error:
            raise unreadable(f"The form cannot be read: {error}") from None
        return self.read({**dict(fields.lists()), **dict(files.lists())})

    def read(self, form: dict[str, list[Any]]) -> dict[str, Any]:
        """What the values of each name mean."""
        return single(form)


def decoded(raw: bytes) -> dict[str, Any]:
    """The object that these bytes are. Raises a 400 Problem that says what is wrong with them."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError:
        raise unreadable("The body is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise unreadable(f"The body is not JSON: {str(error)[:200]}.") from None
    if not isinstance(value, dict):
        raise unreadable("The body must be a JSON object.")
    _examine(value)
    return value


def refuse_oversize(request: Request, *, most: int) -> None:
    """A 413 by what the client announces: not a byte of it is read."""
    if announced(request) > most:
        raise Problem("payload_too_large", f"The body may have at most {most:,} bytes.")


def announced(request: Request) -> int:
    """How many bytes of body the client announces; 0 where it does not say so properly."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0


class _Form(MultiPartParser):
    """Django passes over a file called "..": it would be as if none had been sent."""

    def sanitize_file_name(self, file_name: str) -> str:
        return "file"  # nobody asks for it


class _InMemory(MemoryFileUploadHandler):
    """Django would spool larger files to disk; ours are bounded by the view's cap."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def _read(stream: IO[Any], context: Mapping[str, Any]) -> bytes:
    most = _most(context)
    refuse_oversize(context["request"], most=most)
    raw: bytes = stream.read(most + 1)
    if len(raw) > most:
        raise Problem("payload_too_large", f"The body may have at most {most:,} bytes.")
    return raw


def _most(context: Mapping[str, Any]) -> int:
    return int(getattr(context.get("view"), "max_body", MAX_BODY))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        twice = counted.most_common(1)[0][0]
        raise ValueError(f"the name {twice[:100]!r} is given more than once")
    return value


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:30]} is too large")
    return number


def _constant(text: str) -> float:
    raise ValueError(f"{text} is not a JSON number")


def _examine(value: Any) -> None:
    """Refuse what Python reads and others do not: deep nests, halves of characters."""
    waiting = [(value, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(value, dict):
            waiting.extend((part, depth + 1) for pair in value.items() for part in pair)
        elif isinstance(value, list):
            waiting.extend((part, depth + 1) for part in value)
        elif isinstance(value, str) and not value.isascii():
            _encodable(value)


def _encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise unreadable("The body contains half a character (a lone surrogate).") from None


def _too_deep() -> Problem:
    return unreadable(f"The body is nested more than {MAX_DEPTH} levels deep.")


def single(form: dict[str, list[Any]]) -> dict[str, Any]:
    """A form's fields, each of which may be given once."""
    twice = [name for name, values in form.items() if len(values) > 1]
    if twice:
        errors = [FieldError(name, "repeated", "Give it once.") for name in twice]
        raise Problem("invalid_request", errors=errors)
    return {name: values[0] for name, values in form.items()}
