"""
What every adapter needs: asking in JSON, and reading answers that may be anything.

A provider's answer is never trusted to be JSON, nor to have the types its documents promise. Every
reader here gives a harmless value for what it cannot read, and no number ever becomes a float.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from generations.providers.base import (
    REPEATABLE,
    Busy,
    Capabilities,
    FirstFrame,
    Misconfigured,
    ProviderError,
    Refused,
    RenderOrder,
    Route,
    Unclear,
)

LONGEST_WAIT = 3600.0  # seconds; a Retry-After beyond it is cut to it
LONGEST_MESSAGE = 500  # characters of a provider's words
LONGEST_LINK = 8192  # characters; signed addresses are long
LONGEST_TEXT = 2048  # characters of one string kept for staff
LARGEST_KEPT = 65_536  # characters of JSON kept for staff
LARGEST_AMOUNT = Decimal(1_000_000_000)  # USD; anything beyond is not money but a mistake
DEEPEST = 64  # levels of an answer; what lies deeper is dropped
SHORTEST_SECRET = 8  # characters; masking a shorter one would only spoil words

_JOB_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9_:.-]{1,128}")  # of dots alone, it would lead elsewhere
_POLICY = re.compile(
    r"sensitive|polic(y|ies)|moderation|(?<!\d)102[67](?!\d)|内容政策", re.IGNORECASE
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL's jsonb takes neither
_MICRO = Decimal("0.000001")


def route_for(capabilities: Capabilities, order: RenderOrder) -> Route:
    """
    Whose model makes this order.

    :raises Refused: when the provider cannot express it. The core asks for nothing of the kind;
        should it ever, nothing is sent rather than something silently changed.
    """
    route = capabilities.route(model=order.model, mode=order.mode)
    cannot = (
        route is None
        or (order.resolution, order.duration) not in route.sizes
        or (order.image is not None) != (order.mode == "image-to-video")
        or order.output_format not in capabilities.output_formats
        or (order.output_quality is not None and not capabilities.output_quality)
        or (not order.prompt_optimizer and not capabilities.optimizer_switch)
        or (order.fast_pretreatment and not capabilities.fast_pretreatment)
        or (order.watermark and not capabilities.watermark)
    )
    if route is None or cannot:
        raise Refused("This provider cannot make this clip.")
    return route


def post(
    url: str, *, body: object, headers: Mapping[str, str], repeatable: bool = False
) -> httpx.Request:
    """A JSON request. `repeatable`: it costs nothing to lose or repeat (base.REPEATABLE)."""
    return httpx.Request(
        "POST",
        url,
        # Escaped to ASCII, so that even a lone surrogate in a prompt can be sent and refused.
        content=json.dumps(body, separators=(",", ":")),
        headers={"Content-Type": "application/json", "Accept": "application/json", **headers},
        extensions={REPEATABLE: True} if repeatable else {},
    )


def get(url: str, *, headers: Mapping[str, str]) -> httpx.Request:
    """A question, which costs nothing to lose or repeat."""
    return httpx.Request("GET", url, headers={"Accept": "application/json", **headers})


def data_uri(image: FirstFrame) -> str:
    content = base64.b64encode(image.content).decode("ascii")
    return f"data:{image.content_type};base64,{content}"


def read(content: bytes) -> object:
    """
    An answer's JSON with Decimal for every fraction; None when it is not JSON.

    What no database takes is replaced, so any part of the result may be kept.
    """
    try:
        value: object = json.loads(
            content, parse_float=_fraction, parse_int=_integer, parse_constant=_nothing
        )
    except (ValueError, RecursionError):
        return None
    return _clean(value, DEEPEST)


def classify(
    response: httpx.Response, *, paid: bool, message: str = "", raw: Mapping[str, Any] | None = None
) -> ProviderError:
    """
    What an answer that holds no result means, by its status line alone.

    :param paid: it answers a request that may have cost something, so doubt becomes Unclear.
    :param message: the provider's words, already free of our key.
    """
    status = response.status_code
    message = message or f"HTTP {status}"
    if status == 429 or (status == 503 and _is_clean(response)):
        return Busy(message, retry_after=retry_after(response), raw=raw)
    if status in (401, 402, 403):
        return Misconfigured(message, raw=raw)
    if 400 <= status < 500 and status != 408:
        return Refused(message, raw=raw)
    if paid:
        return Unclear(message, raw=raw)
    return Busy(message, retry_after=retry_after(response), raw=raw)


def unanswered(
    response: httpx.Response, *, message: str = "", raw: Mapping[str, Any] | None = None
) -> ProviderError:
    """What it means that a question of ours was not answered: nothing about any job."""
    blamed = classify(response, paid=False, message=message, raw=raw)
    return Busy(blamed.message, raw=raw) if isinstance(blamed, Refused) else blamed


def retry_after(response: httpx.Response) -> float | None:
    """How many seconds they ask us to wait, at most an hour; None when they do not say."""
    value = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18})?", value):
        return min(float(value), LONGEST_WAIT)
    then = _date(value)
    if then is None:
        return None
    # Measured by their own clock where they show it, so that a wrong clock of either does no harm.
    now = _date(response.headers.get("date", "")) or datetime.now(UTC)
    return min(max((then - now).total_seconds(), 0.0), LONGEST_WAIT)


def fields(value: object) -> dict[str, object]:
    """The members of a JSON object; none for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, object]]:
    """The objects of a JSON array, or the one object that stands in its place."""
    values = value if isinstance(value, list) else [value]
    return [member for member in values if isinstance(member, dict)]


def text(value: object) -> str:
    """A string, trimmed; "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


def words(value: object, *, secret: str) -> str:
    """A provider's sentence, short enough to show and without our key; "" for anything else."""
    return _masked(text(value), secret)[:LONGEST_MESSAGE]


def speaks_of_policy(message: str) -> bool:
    """
    Whether a refusal in free text is about what was asked to be shown.

    Each model here is MiniMax's in the end: 1026 and 1027 are its codes for a sensitive input and
    output (providers.md 6.4), and its words for it reach us through others (3.4, 4.4).
    """
    return _POLICY.search(message) is not None


def job_name(value: object) -> str:
    """A provider's name for a job, if it may stand in an address; "" for anything else."""
    name = text(value)
    return name if _JOB_NAME.fullmatch(name) else ""


def numbered(value: object) -> str:
    """The same of a provider that numbers things: an int64 beside the string of its digits."""
    number = whole(value)
    return job_name(value if number is None else str(number))


def link(value: object) -> str:
    """An http(s) address; "" for anything else. Whether it may be fetched is judged elsewhere."""
    address = text(value)
    if len(address) > LONGEST_LINK or re.search(r"[\s\x00-\x1f\x7f]", address):
        return ""
    try:
        parts = urlsplit(address)
        return address if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def expiry(address: str) -> datetime | None:
    """When a signed address stops working, by its own `Expires=` in unix seconds."""
    seconds = dict(parse_qsl(urlsplit(address).query)).get("Expires", "")
    return moment(int(seconds)) if re.fullmatch("[0-9]{1,12}", seconds) else None


def percent(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(min(max(number, Decimal(0)), Decimal(100)))


def moment(value: object) -> datetime | None:
    """A point in time, from unix seconds or from ISO 8601, which is UTC where it names no zone."""
    number = _number(value)
    try:
        if number is not None:
            return datetime.fromtimestamp(int(number), UTC)
        then = datetime.fromisoformat(text(value))
        return (then if then.tzinfo else then.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def whole(value: object) -> int | None:
    """An integer that fits into 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -(2**63) <= value < 2**63 else None


def dollars(value: object) -> Decimal | None:
    """An amount in USD, to the micro-dollar; None for anything that cannot be one."""
    number = _number(value)
    if number is None or abs(number) > LARGEST_AMOUNT:
        return None
    return number.quantize(_MICRO, ROUND_HALF_UP)


def kept(value: object, *, secret: str) -> dict[str, Any]:
    """An answer as staff may keep it: plain JSON of bounded size, no images, not our key."""
    plain = _plain(value, secret)
    if not isinstance(plain, dict):
        plain = {"answer": plain}
    size = len(json.dumps(plain))
    return plain if size <= LARGEST_KEPT else {"answer": f"({size} characters, not kept)"}


def _fraction(digits: str) -> Decimal | None:
    try:
        number = Decimal(digits)
    except ArithmeticError:  # an exponent of twenty digits is no value that Decimal can hold
        return None
    return number if len(digits) <= 60 and abs(number.adjusted()) <= 30 else None


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= 60 else None


def _nothing(_: str) -> None:
    """NaN and the infinities are no JSON, and no number we want."""


def _clean(value: object, depth: int) -> object:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list | dict) and not depth:
        return None
    if isinstance(value, list):
        return [_clean(member, depth - 1) for member in value]
    if isinstance(value, dict):
        return {_clean(key, 0): _clean(member, depth - 1) for key, member in value.items()}
    return value


def _plain(value: object, secret: str) -> Any:
    if isinstance(value, str):
        value = _masked(value, secret)
        shown = 5 if value.startswith("data:") else 80  # an image says nothing to a reader
        return value if _is_short(value) else f"{value[:shown]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [_plain(member, secret) for member in value]
    if isinstance(value, dict):
        return {_plain(key, secret): _plain(member, secret) for key, member in value.items()}
    return str(value) if isinstance(value, Decimal) else value


def _masked(value: str, secret: str) -> str:
    return value.replace(secret, "***") if len(secret) >= SHORTEST_SECRET else value


def _is_short(value: str) -> bool:
    return len(value) <= LONGEST_TEXT and not (value.startswith("data:") and len(value) > 80)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _is_clean(response: httpx.Response) -> bool:
    """Whether the application itself wrote this, rather than a proxy that lost it on the way."""
    return bool(fields(read(response.content)))


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
