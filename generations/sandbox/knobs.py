"""
Every way the sandbox can misbehave, as data (providers.md 12.1).

In a prompt, in double brackets: `[[fail]]`, `[[slow=30]]`, `[[429*2]]` (the first two times),
`[[poll-error=503*all, webhook-never]]`. Over the control endpoint, as JSON:
`{"provider": "runware", "knobs": {"slow": 30, "webhook-never": true}, "times": 5}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: For `times`: until told otherwise.
ALWAYS = -1

EVERY = ("runware",)

Value = bool | float | str


@dataclass(frozen=True, slots=True)
class Knob:
    """
    One fault.

    :param where: what it applies to: `submit` a request that submits; `render`, `result`,
        `webhook` and `answer` a job for as long as it lives; `poll` a request that asks;
        `account` a question about our money.
    :param default: its value when none is given; True means it takes none.
    :param times: how often a prompt word fires: per order of the prompt (submit), per job (poll).
    """

    name: str
    where: str
    meaning: str
    default: Value = True
    times: int = ALWAYS
    providers: tuple[str, ...] = EVERY


@dataclass(frozen=True, slots=True)
class Setting:
    """A knob as somebody has set it."""

    value: Value
    times: int


Settings = Mapping[str, Setting]

TABLE = (
    # Before anything is accepted
    Knob("429", "submit", "429 without Retry-After; nothing accepted", times=1),
    Knob("429-retry-after", "submit", "429 with Retry-After: SECONDS; nothing accepted", 5.0, 1),
    Knob("cut-before-accept", "submit", "connection reset; nothing accepted", times=1),
    Knob("error-before", "submit", "HTTP STATUS, 502 504 52x in HTML; nothing accepted", 500.0, 1),
    Knob("insufficient-credits", "submit", "402: our balance with them is used up", times=1),
    Knob("invalid-key", "submit", "401: they do not know our key", times=1),
    Knob("model-unavailable", "submit", "503: the model cannot be had now", times=1),
    Knob("moderation-submit", "submit", "refused for content: CODE", "contentPolicyViolation"),
    Knob("provider-wallet-empty", "submit", "402: the provider's own wallet is empty", times=1),
    # After accepting
    Knob("cut-after-accept", "submit", "accepted, then the connection is reset"),
    Knob("empty-body", "submit", "accepted, answered 200 with no body"),
    Knob("error-after", "submit", "accepted, answered HTTP 5xx STATUS", 500.0),
    Knob("html-body", "submit", "accepted, answered STATUS with an HTML page", 200.0),
    Knob("submit-latency", "submit", "accepted, answered SECONDS later", 2.0),
    # Rendering
    Knob("fail", "render", "the render ends in error CODE; not billed", "taskFailed"),
    Knob("fail-one", "render", "the last of several results fails, the others succeed"),
    Knob("moderation-render", "render", "refused while rendering: CODE", "invalidProviderContent"),
    Knob("never", "render", "the render never ends"),
    Knob("slow", "render", "the render takes SECONDS", 30.0),
    Knob("stock", "render", "one ready clip of that size, for load tests"),
    # How answers are written
    Knob("cost-zero", "answer", "cost is reported as 0 although the job is billed"),
    Knob("data-empty", "answer", "getResponse never shows the job; getTaskDetails does"),
    Knob("error-without-uuid", "answer", "errors do not say whose they are"),
    Knob("item-error", "answer", "a failure is an item with status error, not in errors"),
    Knob("missing-status", "answer", "items carry no status"),
    Knob("parameter-array", "answer", "an error's parameter is an array"),
    Knob("pending-word", "answer", "pending instead of processing"),
    Knob("poll-lag", "answer", "the first COUNT polls see nothing of the job", 3.0),
    Knob("stream-error", "answer", "a failure as one error object, as their stream sends it"),
    # Polling
    Knob("poll-cut", "poll", "the connection is reset", times=1),
    Knob("poll-empty", "poll", "200 with no body", times=1),
    Knob("poll-error", "poll", "HTTP STATUS: 401, 429, 500, 502, 503 …", 500.0, 1),
    Knob("poll-html", "poll", "200 with an HTML page", times=1),
    Knob("poll-latency", "poll", "answered SECONDS later", 2.0, 1),
    # Webhooks
    Knob("webhook-early", "webhook", "sent before the submit is answered; that waits"),
    Knob("webhook-forged", "webhook", "a lying success at once, the true one later"),
    Knob("webhook-late", "webhook", "sent SECONDS after the job is done", 10.0),
    Knob("webhook-never", "webhook", "never sent"),
    Knob("webhook-reordered", "webhook", "the true one, a stale one, a false failure"),
    Knob("webhook-twice", "webhook", "sent COUNT times, all at once", 2.0),
    # Result files
    Knob("result-duration", "result", "the clip is SECONDS long, whatever was ordered", 3.0),
    Knob("result-expired", "result", "403: its address has already expired"),
    Knob("result-expires", "result", "its address works SECONDS; a poll gives a fresh one", 5.0),
    Knob("result-length", "result", "Content-Length is `long` (too much) or `missing`", "long"),
    Knob("result-not-video", "result", "an `html` page or a `jpeg` under the clip's name", "html"),
    Knob("result-private", "result", "its address is on private HOST", "169.254.169.254"),
    Knob("result-redirect", "result", "COUNT redirects to it, or one to an ADDRESS", 1.0),
    Knob("result-slow", "result", "BYTES a second", 65536.0),
    Knob("result-status", "result", "HTTP STATUS instead of the file", 404.0),
    Knob("result-truncated", "result", "only PERCENT of the file, honestly declared", 50.0),
    # Our account with them
    Knob("balance-object", "account", "balance is an object, not a number"),
)  # fmt: skip

KNOBS = {knob.name: knob for knob in TABLE}

_DOUBLE_BRACKETS = re.compile(r"\[\[([^\[\]]{1,200})\]\]")
_WORD = re.compile(r"([a-z0-9-]+)(?:=([^*\s]+))?(?:\*(all|\d+))?")


def in_prompt(prompt: str) -> dict[str, Setting]:
    """The knobs a prompt turns; words that are none are left to the picture."""
    words = (word for text in _DOUBLE_BRACKETS.findall(prompt) for word in text.split(","))
    found = (_WORD.fullmatch(word.strip()) for word in words)
    return {match[1]: _setting(match) for match in found if match and match[1] in KNOBS}


def without(prompt: str) -> str:
    """The prompt without its knobs, for drawing."""
    return " ".join(_DOUBLE_BRACKETS.sub("", prompt).split())


def checked(knobs: Mapping[str, object]) -> dict[str, Setting]:
    """Knobs from the control endpoint. Raises ValueError naming what is wrong."""
    settings = {}
    for name, value in knobs.items():
        knob = KNOBS.get(name)
        if knob is None:
            raise ValueError(f"unknown knob {name}")
        if value is False:
            continue
        settings[name] = Setting(_value(knob, value), ALWAYS)
    return settings


def number(settings: Settings, name: str) -> float | None:
    """The number a knob is set to, None when it is not set."""
    setting = settings.get(name)
    return None if setting is None else float(setting.value)


def word(settings: Settings, name: str) -> str | None:
    """The word a knob is set to, None when it is not set."""
    setting = settings.get(name)
    return None if setting is None else str(setting.value)


def _setting(match: re.Match[str]) -> Setting:
    knob = KNOBS[match[1]]
    times = knob.times if match[3] is None else ALWAYS if match[3] == "all" else int(match[3])
    try:
        return Setting(_value(knob, match[2] if match[2] is not None else True), times)
    except ValueError:
        return Setting(knob.default, times)


def _value(knob: Knob, value: object) -> Value:
    """A value of the kind the knob takes; `result-redirect` also takes an address."""
    if value is True:
        return knob.default
    if isinstance(knob.default, bool):
        raise ValueError(f"{knob.name} takes no value")
    if isinstance(knob.default, str) or "://" in str(value):
        return str(value)
    try:
        return float(str(value))
    except ValueError:
        raise ValueError(f"{knob.name} takes a number") from None
