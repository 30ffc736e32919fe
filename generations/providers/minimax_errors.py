"""
MiniMax's codes: what `base_resp.status_code` means beside HTTP 200 (providers.md 6.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from generations.providers import http
from generations.providers.base import (
    Busy,
    Misconfigured,
    ProviderError,
    Refused,
    Unavailable,
    Unclear,
)

Entry = dict[str, object]

#: A code of `base_resp` --> what it means to a submission (providers.md 6.4).
#:
#: Only codes that are a "no" to what was asked say that nothing runs. The others (1000 unknown,
#: 1001 timeout, 1013, 1024 and 1033 internal) may have come after the task began.
MEANINGS: dict[int, type[ProviderError]] = {
    1000: Unclear,
    1001: Unclear,
    1002: Busy,  # the rate limit; MiniMax's own command line calls it a content filter
    1004: Misconfigured,
    1008: Misconfigured,
    1013: Unclear,
    1024: Unclear,
    1026: Refused,
    1027: Refused,
    1028: Misconfigured,
    1030: Misconfigured,
    1033: Unclear,
    1039: Refused,
    1041: Busy,
    1042: Refused,
    2013: Refused,
    2045: Busy,
    2049: Misconfigured,
    2056: Misconfigured,  # the plan's usage limit, for hours
    2061: Unavailable,  # the model is not in our plan
}
SENSITIVE = {1026, 1027}  # what was asked for, and what was made
INVALID = 2013

#: Why a render failed, in our words (base.Failure); anything else is a "provider_error".
FAILURES = {
    1001: "timeout",
    1026: "content_policy",
    1027: "content_policy",
    1039: "invalid_request",
    1042: "invalid_request",
    2013: "invalid_request",
}


def code_of(answer: Entry) -> int | None:
    """`base_resp.status_code`, or the code that newer errors end with, such as "… (1026)"."""
    code = http.fields(answer.get("base_resp")).get("status_code")
    if isinstance(code, str) and re.fullmatch("[0-9]{1,9}", code):
        return int(code)
    if http.whole(code) is not None:
        return http.whole(code)
    message = http.text(http.fields(answer.get("error")).get("message"))
    ending = re.search(r"\(([0-9]{4})\)$", message)
    return int(ending[1]) if ending else None


def submit_error(
    code: int | None, response: httpx.Response, *, message: str, raw: Mapping[str, Any]
) -> ProviderError:
    """What a submission's answer without a task means."""
    meaning = MEANINGS.get(code or 0)
    message = message or (f"MiniMax's error {code}." if code else "")
    in_trouble = response.status_code == 408 or response.status_code >= 500
    if meaning is None:
        return http.classify(response, paid=True, message=message, raw=raw)
    if meaning is Refused and in_trouble:
        return Unclear(message, raw=raw)
    if meaning is Busy:
        return Busy(message, retry_after=http.retry_after(response), raw=raw)
    if code in SENSITIVE:
        return Refused(message, code="content_policy", raw=raw)
    if code == INVALID and "callback" in message.lower():  # our own address, not the wish
        return Misconfigured(message, raw=raw)
    return meaning(message, raw=raw)
