"""
Every way the sandbox can misbehave, as data (providers.md 12.1).

In a prompt, in double brackets: `[[fail]]`, `[[slow=30]]`, `[[429*2]]` (the first two times),
`[[poll-error=503*all, webhook-never]]`; for one company alone `[[pixazo:429]]`. Over the control
endpoint, as JSON:
`{"provider": "runware", "knobs": {"slow": 30, "webhook-never": true}, "times": 5}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: For `times`: until told otherwise.
ALWAYS = -1

EVERY = ("cloudflare", "minimax", "pixazo", "runware", "toapis")

#: Who answers a submit at once and is asked later.
ASKED = ("minimax", "pixazo", "runware", "toapis")

#: Who can be asked anything about a job; of Cloudflare it is the gateway's logs.
LOOKED_UP = ("cloudflare", *ASKED)

#: Who sends webhooks.
WEBHOOKS = ("minimax", "pixazo", "runware")

CLOUDFLARE = ("cloudflare",)
MINIMAX = ("minimax",)
RUNWARE = ("runware",)
TOAPIS = ("toapis",)
PIXAZO = ("pixazo",)

Value = bool | float | str


@dataclass(frozen=True, slots=True)
class Knob:
    """
    One fault.

    :param where: what it applies to: `submit` a request that submits; `render`, `result`,
        `webhook` and `answer` a job for as long as it lives; `poll` a request that asks;
        `account` a question about our money; `upload` a first frame that is brought first;
        `query` and `retrieve` the two questions of MiniMax.
    :param default: its value when none is given; True means it takes none, "" is the company's
        own word.
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
    Knob("moderation-submit", "submit", "refused for content: CODE", ""),
    Knob("provider-wallet-empty", "submit", "402: the provider's own wallet is empty", times=1,
         providers=RUNWARE),
    Knob("quota-403", "submit", "403 insufficient_user_quota: as insufficient-credits", times=1,
         providers=TOAPIS),
    Knob("spend-limit", "submit", "429 that means money: CODE 2045 or 3036", "2045", 1, CLOUDFLARE),
    Knob("strict-schema", "submit", "what is required must be sent, default or not",
         providers=CLOUDFLARE),
    Knob("submit-code", "submit", "HTTP 200 with base_resp CODE; nothing accepted", "1000", 1,
         MINIMAX),
    # After accepting
    Knob("cut-after-accept", "submit", "accepted, then the connection is reset"),
    Knob("empty-body", "submit", "accepted, answered 200 with no body"),
    Knob("error-after", "submit", "accepted, answered HTTP 5xx STATUS", 500.0),
    Knob("html-body", "submit", "accepted, answered STATUS with an HTML page", 200.0),
    Knob("submit-latency", "submit", "accepted, answered SECONDS later", 2.0),
    # Rendering
    Knob("fail", "render", "the render ends in error CODE; not billed", ""),
    Knob("fail-billed", "render", "a render that fails is billed all the same"),
    Knob("fail-one", "render", "the last of several results fails, the others succeed",
         providers=RUNWARE),
    Knob("moderation-render", "render", "refused while rendering: CODE", ""),
    Knob("gateway-cache", "render", "an order seen before gets the old result, unless it skips",
         providers=CLOUDFLARE),
    Knob("gateway-retry", "render", "COUNT renders, all billed, unless max-attempts is less", 2.0,
         providers=CLOUDFLARE),
    Knob("never", "render", "the render never ends"),
    Knob("slow", "render", "the render takes SECONDS", 30.0),
    Knob("stock", "render", "one ready clip of that size, for load tests"),
    Knob("system-error", "render", "the request ends in ERROR instead of FAILED, never billed", "",
         providers=PIXAZO),
    # How answers are written
    Knob("accepted-200", "answer", "a submit is answered 200, not 202", providers=PIXAZO),
    Knob("apim-errors", "answer", "401 and 429 as Azure's gateway writes them", providers=PIXAZO),
    Knob("bare", "answer", "without the v4 envelope, as the model's page shows it",
         providers=CLOUDFLARE),
    Knob("cost-zero", "answer", "cost is reported as 0 although the job is billed",
         providers=(*CLOUDFLARE, *RUNWARE)),
    Knob("data-empty", "answer", "getResponse never shows the job; getTaskDetails does",
         providers=RUNWARE),
    Knob("direct-output", "answer", "the submit waits and carries the result: `whole` or `bare`",
         "whole", providers=PIXAZO),
    Knob("error-without-uuid", "answer", "errors do not say whose they are", providers=RUNWARE),
    Knob("expires-past", "answer", "expires_at lies in the past", providers=TOAPIS),
    Knob("fail-reason", "answer", "a failure is told in fail_reason, without error",
         providers=TOAPIS),
    Knob("failed-word", "answer", "Failed instead of Fail", providers=MINIMAX),
    Knob("gateway-error", "answer", "error instead of errors, as the gateway itself writes them",
         providers=CLOUDFLARE),
    Knob("http-errors", "answer", "base_resp errors come with an HTTP status, not 200",
         providers=MINIMAX),
    Knob("item-error", "answer", "a failure is an item with status error, not in errors",
         providers=RUNWARE),
    Knob("log-lag", "answer", "a call is in the logs SECONDS after it ended", 5.0,
         providers=CLOUDFLARE),
    Knob("log-never", "answer", "a call is never in the logs", providers=CLOUDFLARE),
    Knob("log-no-payload", "answer", "the logs keep neither request nor response",
         providers=CLOUDFLARE),
    Knob("media-string", "answer", "media_url is a string, not an array", providers=PIXAZO),
    Knob("metadata-object", "answer", "a log's metadata is an object, not a string",
         providers=CLOUDFLARE),
    Knob("missing-status", "answer", "results carry no status",
         providers=(*CLOUDFLARE, *RUNWARE)),
    Knob("missing-video", "answer", "success without an address", providers=CLOUDFLARE),
    Knob("parameter-array", "answer", "an error's parameter is an array", providers=RUNWARE),
    Knob("pending-word", "answer", "pending instead of processing", providers=RUNWARE),
    Knob("poll-lag", "answer", "the first COUNT polls see nothing of the job", 3.0,
         providers=ASKED),
    Knob("status-fail", "answer", "a failure is status Fail in a completed answer",
         providers=CLOUDFLARE),
    Knob("status-word", "answer", "WORD while it renders", "Preparing", providers=MINIMAX),
    Knob("stream-error", "answer", "a failure as one error object, as their stream sends it",
         providers=RUNWARE),
    Knob("string-code", "answer", "error codes are the words of the table, not numbers",
         providers=TOAPIS),
    Knob("submitted-word", "answer", "submitted instead of queued", providers=TOAPIS),
    Knob("unfinished", "answer", "answered at once: WORD as status, or as state if it is none",
         "Processing", providers=CLOUDFLARE),
    Knob("url-top", "answer", "url and duration at the top level, no result", providers=TOAPIS),
    Knob("video-depth", "answer", "1 video, 2 result.video, 3 result.result.video", 1.0,
         providers=CLOUDFLARE),
    # Polling
    Knob("poll-cut", "poll", "the connection is reset", times=1, providers=LOOKED_UP),
    Knob("poll-empty", "poll", "200 with no body", times=1, providers=LOOKED_UP),
    Knob("poll-error", "poll", "HTTP STATUS: 401, 429, 500, 502, 503 …", 500.0, 1,
         providers=LOOKED_UP),
    Knob("poll-html", "poll", "200 with an HTML page", times=1, providers=LOOKED_UP),
    Knob("poll-latency", "poll", "answered SECONDS later", 2.0, 1, providers=LOOKED_UP),
    Knob("query-code", "query", "HTTP 200 with base_resp CODE", "1000", 1, MINIMAX),
    Knob("retrieve-code", "retrieve", "HTTP 200 with base_resp CODE", "1000", 1, MINIMAX),
    Knob("retrieve-error", "retrieve", "HTTP STATUS instead of the file's address", 500.0, 1,
         MINIMAX),
    # Webhooks
    Knob("webhook-early", "webhook", "sent before the submit is answered; that waits",
         providers=WEBHOOKS),
    Knob("webhook-forged", "webhook", "a lying success at once, the true one later",
         providers=WEBHOOKS),
    Knob("webhook-late", "webhook", "sent SECONDS after the job is done", 10.0, providers=WEBHOOKS),
    Knob("webhook-never", "webhook", "never sent", providers=WEBHOOKS),
    Knob("webhook-reordered", "webhook", "the true one, a stale one, a false failure",
         providers=WEBHOOKS),
    Knob("webhook-twice", "webhook", "sent COUNT times, all at once", 2.0, providers=WEBHOOKS),
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
    # First frames that are uploaded
    Knob("upload-error", "upload", "HTTP STATUS: 401, 429, 500, 502 …; nothing stored", 500.0,
         providers=TOAPIS),
    Knob("upload-false", "upload", "HTTP STATUS, success: false and a message", 400.0,
         providers=TOAPIS),
    # Our account with them
    Knob("balance-dollars", "account", "balance is in dollars, not in cents",
         providers=CLOUDFLARE),
    Knob("balance-object", "account", "balance is an object, not a number", providers=RUNWARE),
)  # fmt: skip

KNOBS = {knob.name: knob for knob in TABLE}

_DOUBLE_BRACKETS = re.compile(r"\[\[([^\[\]]{1,200})\]\]")
_WORD = re.compile(r"(?:([a-z]+):)?([a-z0-9-]+)(?:=([^*\s]+))?(?:\*(all|\d+))?")


def in_prompt(prompt: str, provider: str) -> dict[str, Setting]:
    """The knobs a prompt turns; words that are none of this provider's are passed over."""
    words = (word for text in _DOUBLE_BRACKETS.findall(prompt) for word in text.split(","))
    found = (_WORD.fullmatch(word.strip()) for word in words)
    meant = [match for match in found if match and match[1] in (None, provider)]
    return {match[2]: _setting(match) for match in meant if _known(match[2], provider)}


def without(prompt: str) -> str:
    """The prompt without its knobs, for drawing."""
    return " ".join(_DOUBLE_BRACKETS.sub("", prompt).split())


def checked(knobs: Mapping[str, object], provider: str) -> dict[str, Setting]:
    """Knobs from the control endpoint. Raises ValueError naming what is wrong."""
    settings = {}
    for name, value in knobs.items():
        if not _known(name, provider):
            raise ValueError(f"unknown knob {name} of {provider}")
        if value is False:
            continue
        settings[name] = Setting(_value(KNOBS[name], value), ALWAYS)
    return settings


def number(settings: Settings, name: str) -> float | None:
    """The number a knob is set to, None when it is not set."""
    setting = settings.get(name)
    return None if setting is None else float(setting.value)


def word(settings: Settings, name: str) -> str | None:
    """The word a knob is set to, None when it is not set."""
    setting = settings.get(name)
    return None if setting is None else str(setting.value)


def chosen(settings: Settings, name: str) -> str | None:
    """The word given with a knob; None when it is not set, takes none, or was given none."""
    setting = settings.get(name)
    return setting.value if setting and isinstance(setting.value, str) and setting.value else None


def _known(name: str, provider: str) -> bool:
    return name in KNOBS and provider in KNOBS[name].providers


def _setting(match: re.Match[str]) -> Setting:
    knob = KNOBS[match[2]]
    times = knob.times if match[4] is None else ALWAYS if match[4] == "all" else int(match[4])
    try:
        return Setting(_value(knob, match[3] if match[3] is not None else True), times)
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
