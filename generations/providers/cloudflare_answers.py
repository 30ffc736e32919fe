"""
Cloudflare's answers, taken apart: their wrappings, their states and their error codes.

Nothing here is believed to have the type that a document promises.
"""

from __future__ import annotations

import enum
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from generations.providers import http
from generations.providers.base import (
    Busy,
    JobState,
    Misconfigured,
    ProviderError,
    Refused,
    Unavailable,
    Unclear,
)

logger = logging.getLogger(__name__)

Entry = dict[str, object]

DEEPEST = 5  # wrappings: the logs' own, the v4 envelope, the gateway's, and the model's answer


class Kind(enum.Enum):
    """What an error is about."""

    AUTH = enum.auto()  # our key or account
    BALANCE = enum.auto()  # our money with them
    INVALID = enum.auto()
    MODEL = enum.auto()  # cannot be had now
    POLICY = enum.auto()
    RATE = enum.auto()
    TIMEOUT = enum.auto()
    UNKNOWN = enum.auto()


#: Their words for a render's state, the gateway's and the model's --> ours (providers.md 1.5).
STATES = {
    "completed": JobState.DONE,
    "fail": JobState.FAILED,
    "failed": JobState.FAILED,
    "preparing": JobState.WORKING,
    "processing": JobState.WORKING,
    "queueing": JobState.WORKING,
    "success": JobState.DONE,
}

#: Exact codes, before any pattern: providers.md 1.6, the gateway's own (2016 and 2017 of its
#: Guardrails, 2021 for want of credit, 2045 for a limit on spending), and the model's 2013.
CODES = {
    "2013": Kind.INVALID,
    "2016": Kind.POLICY,
    "2017": Kind.POLICY,
    "2021": Kind.BALANCE,
    "2045": Kind.BALANCE,
    "3003": Kind.INVALID,
    "3006": Kind.INVALID,
    "3007": Kind.TIMEOUT,
    "3008": Kind.TIMEOUT,
    "3023": Kind.AUTH,
    "3036": Kind.BALANCE,
    "3040": Kind.RATE,
    "3041": Kind.AUTH,
    "3042": Kind.MODEL,
    "5004": Kind.INVALID,
    "5007": Kind.MODEL,
    "5018": Kind.AUTH,
    "10000": Kind.AUTH,
    "provider_unavailable": Kind.MODEL,
}

#: The words of a `state: Failed`; all but `provider_unavailable` are assumed (providers.md 1.6).
PATTERNS = (
    (re.compile("unavailable"), Kind.MODEL),
    (re.compile("content|moderation|1026|1027"), Kind.POLICY),
    (re.compile("insufficient|credit|balance|spend"), Kind.BALANCE),
    (re.compile("timeout|timed_out"), Kind.TIMEOUT),
    (re.compile("invalid"), Kind.INVALID),
)

#: Not every limit on our spending has a known code. One of its words alone would not do: a prompt
#: that is quoted may hold it too.
OUT_OF_MONEY = re.compile(
    r"(insufficient|not enough|exhausted|exceeded|reached|out of)\W+(\w+\W+){0,3}"
    r"(credit|balance|fund|spend)"
    r"|\bno (more |remaining )?(credit|fund)"
    r"|\b(credit|balance|fund|spend)\w*\W+(\w+\W+){0,3}"
    r"(exhausted|exceeded|reached|too low|run out|insufficient)",
    re.IGNORECASE,
)

#: Why a render failed, in our words (base.Failure); anything else is a "provider_error".
FAILURES = {
    Kind.INVALID: "invalid_request",
    Kind.POLICY: "content_policy",
    Kind.TIMEOUT: "timeout",
}


@dataclass(frozen=True)
class Complaint:
    """An error as they put it, without our key."""

    kind: Kind
    message: str


@dataclass(frozen=True)
class Answer:
    """
    One answer in whichever of its wrappings it came (providers.md 1.3).

    Bare, `{state, result: {status, task_id, video}}`; within the v4 envelope, `{success, result}`;
    or the model's part alone. From the outermost layer to the innermost.
    """

    layers: tuple[Entry, ...] = ()

    @classmethod
    def to(cls, response: httpx.Response) -> Answer:
        return cls.of(http.read(response.content))

    @classmethod
    def of(cls, body: object) -> Answer:
        layers: list[Entry] = []
        while isinstance(body, dict) and len(layers) < DEEPEST:
            layers.append(body)
            body = body.get("result")
            if isinstance(body, str):  # the logs may hold an answer as it was written
                body = http.read(body.encode())
        return cls(tuple(layers))

    @property
    def body(self) -> Entry:
        return self.layers[0] if self.layers else {}

    @property
    def task(self) -> str:
        return http.numbered(self.member("task_id"))

    @property
    def video(self) -> str:
        return next(filter(None, (http.link(layer.get("video")) for layer in self._inmost)), "")

    @cached_property
    def state(self) -> JobState | None:
        """
        What it says of the render; None where it does not say.

        Done needs a video, and nothing that speaks against it: the gateway's `Completed` and the
        model's `Fail` can stand side by side.
        """
        words = [layer.get(name) for layer in self.layers for name in ("state", "status")]
        told = {_state_of(word) for word in words if word is not None}
        if JobState.FAILED in told:
            return JobState.FAILED
        if JobState.WORKING in told:
            return JobState.WORKING
        if self.video:
            return JobState.DONE
        return JobState.FAILED if self._is_empty_success else None

    def member(self, name: str) -> object:
        """A member of the innermost layer that has it."""
        return next((layer[name] for layer in self._inmost if layer.get(name) is not None), None)

    def complaint(self, *, secret: str) -> Complaint:
        """The first error of the outermost layer that has one."""
        errors = (error for layer in self.layers for error in _errors(layer))
        code, told = next(errors, ("", ""))
        message = http.words(told, secret=secret) or http.words(code, secret=secret)
        if not message and self._is_empty_success:
            message = "Finished without a video."
        return Complaint(kind_of(code.lower(), message), message)

    @property
    def _inmost(self) -> tuple[Entry, ...]:
        return self.layers[::-1]

    @property
    def _is_empty_success(self) -> bool:
        """The model says `Success` of a task, and there is no address that could be fetched."""
        status = http.text(self.member("status")).lower()
        return status == "success" and bool(self.task) and not self.video


def _state_of(word: object) -> JobState:
    state = STATES.get(http.text(word).lower())
    if state is None:
        logger.warning("Cloudflare reports a state that we do not know")
    return state or JobState.WORKING


def _errors(layer: Entry) -> list[tuple[str, str]]:
    """Codes and messages: the v4 envelope's `errors`, or the gateway's `error`."""
    told = layer.get("error")
    entries = [*http.objects(layer.get("errors")), *http.objects(told)]
    found = [(_code(entry.get("code")), http.text(entry.get("message"))) for entry in entries]
    if isinstance(told, str):
        found.append(("", http.text(told)))
    return [error for error in found if any(error)]


def _code(value: object) -> str:
    number = http.whole(value)
    return http.text(value) if number is None else str(number)


def kind_of(code: str, message: str) -> Kind:
    if code in CODES:
        return CODES[code]
    for pattern, kind in PATTERNS:
        if pattern.search(code):
            return kind
    if OUT_OF_MONEY.search(message):
        return Kind.BALANCE
    return Kind.POLICY if http.speaks_of_policy(message) else Kind.UNKNOWN


def submit_error(
    complaint: Complaint, response: httpx.Response, *, raw: Mapping[str, Any]
) -> ProviderError:
    """
    What an answer to the paid call means that tells of no render.

    The call is held open for the whole render, so a 5xx, even with words of the application's
    own, may have come after it; so may a timeout (408, code 3007) and an abort (3008).
    """
    kind, message, status = complaint.kind, complaint.message, response.status_code
    wait = http.retry_after(response)
    if status == 408 or status >= 500 or kind is Kind.TIMEOUT:
        return Unclear(message or f"HTTP {status}", raw=raw)
    if status in (401, 402, 403) or kind in (Kind.AUTH, Kind.BALANCE):
        return Misconfigured(message or f"HTTP {status}", raw=raw)
    if kind is Kind.MODEL:
        return Unavailable(message, retry_after=wait, raw=raw)
    if kind is Kind.POLICY:
        return Refused(message, code="content_policy", raw=raw)
    if kind is Kind.RATE:
        return Busy(message, retry_after=wait, raw=raw)
    if kind is Kind.INVALID:
        return Refused(message, raw=raw)
    return http.classify(response, paid=True, message=message, raw=raw)


def is_tagged(row: Entry, name: str, value: str) -> bool:
    """Whether a log's metadata, an object or the JSON of one, holds our tag."""
    metadata = row.get("metadata")
    if isinstance(metadata, str):
        metadata = http.read(metadata.encode())
    return http.fields(metadata).get(name) == value


def model_named(value: object) -> str:
    """A model's name without its maker, which a log may have in a field of its own."""
    return http.text(value).lower().rpartition("/")[2].removeprefix("minimax-")


def succeeded(row: Entry) -> bool | None:
    """Whether a logged call did; None where the row does not say."""
    success, status = row.get("success"), http.whole(row.get("status_code"))
    if isinstance(success, bool):
        return success
    return None if status is None else 200 <= status < 300


def timed_out(row: Entry) -> bool:
    return row.get("status_code") in (408, 504, 522, 524)
