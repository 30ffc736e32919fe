"""ToAPIs' errors: what their words and numbers are about (providers.md 3.4)."""

from __future__ import annotations

import enum

from generations.providers import http

Entry = dict[str, object]


class Kind(enum.Enum):
    """What an error is about."""

    AUTH = enum.auto()  # our key
    BALANCE = enum.auto()  # our money with them
    INVALID = enum.auto()
    MISSING = enum.auto()  # a task they do not know, or a model
    POLICY = enum.auto()
    RATE = enum.auto()  # our pace
    TROUBLE = enum.auto()  # theirs


#: Codes, types, and the numbers that some answers carry in place of a code.
KINDS = {
    "400": Kind.INVALID,
    "401": Kind.AUTH,
    "402": Kind.BALANCE,
    "403": Kind.BALANCE,
    "404": Kind.MISSING,
    "422": Kind.POLICY,
    "429": Kind.RATE,
    "500": Kind.TROUBLE,
    "authentication_error": Kind.AUTH,
    "content_policy_violation": Kind.POLICY,
    "generation_failed": Kind.TROUBLE,
    "insufficient_quota": Kind.BALANCE,
    "insufficient_user_quota": Kind.BALANCE,  # the words of the software they seem to run
    "internal_error": Kind.TROUBLE,
    "invalid_request": Kind.INVALID,
    "model_not_found": Kind.MISSING,  # as above
    "not_found_error": Kind.MISSING,
    "rate_limit_exceeded": Kind.RATE,
    "task_not_found": Kind.MISSING,
    "unauthorized": Kind.AUTH,
}


def kind_of(answer: Entry) -> Kind | None:
    """Words before numbers: a number may stand beside a word that says more."""
    error = error_of(answer)
    code = error.get("code")
    names = [http.text(code), http.text(error.get("type")), str(http.whole(code))]
    return next((KINDS[name] for name in map(str.lower, names) if name in KINDS), None)


def error_of(answer: Entry) -> Entry:
    """An answer's `error`, or the answer itself where its words stand at the top."""
    return {**answer, **http.fields(answer.get("error"))}
