"""
Runware's error codes: what each is about, and what it means for us.

They number hundreds, differ from model to model and are still being standardised, so what is not
listed by name is judged by its form, and the rest by the HTTP status (providers.md 2.6).
"""

from __future__ import annotations

import enum
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
from generations.providers.runware_answers import Entry, is_failed_render


class Kind(enum.Enum):
    """What an error is about."""

    AUTH = enum.auto()  # our key
    BALANCE = enum.auto()  # our money with them
    CANCELED = enum.auto()
    EXPIRED = enum.auto()
    FULL = enum.auto()  # nobody was free to take it, so nobody did
    INVALID = enum.auto()
    MISSING = enum.auto()  # the task is unknown, or not yet known
    MODEL = enum.auto()  # cannot be had now
    POLICY = enum.auto()
    RATE = enum.auto()  # our pace
    REPEATED = enum.auto()  # the taskUUID was used before
    TIMEOUT = enum.auto()
    TROUBLE = enum.auto()  # theirs, or their upstream's
    UNKNOWN = enum.auto()


#: Exact names, before any pattern.
CODES = {
    "accountDisabled": Kind.AUTH,
    "accountSuspended": Kind.AUTH,
    "authFailed": Kind.AUTH,
    "authTimeout": Kind.AUTH,
    "authenticationFailed": Kind.AUTH,
    "conflictTaskUUID": Kind.REPEATED,
    "contentPolicyViolation": Kind.POLICY,
    "downloadFailed": Kind.TROUBLE,
    "forbidden": Kind.AUTH,
    "imageBlocked": Kind.POLICY,
    "incompatibleParameters": Kind.INVALID,
    "inferenceError": Kind.TROUBLE,
    "insufficientPermissions": Kind.AUTH,
    "invalidAuthentication": Kind.AUTH,
    "invalidCredentials": Kind.AUTH,
    "invalidProviderContent": Kind.POLICY,  # moderation upstream, whatever its name says
    "missingAuthentication": Kind.AUTH,
    "modelDisabled": Kind.MODEL,
    "modelNotFound": Kind.MODEL,
    "modelNotReady": Kind.MODEL,
    "modelUnavailable": Kind.MODEL,
    "moderationFailed": Kind.POLICY,
    "noAvailableServer": Kind.FULL,
    "nsfwContentDetected": Kind.POLICY,
    "organizationDisabled": Kind.AUTH,
    "organizationSuspended": Kind.AUTH,
    "paymentRequired": Kind.BALANCE,
    "permissionDenied": Kind.AUTH,
    "processingFailed": Kind.TROUBLE,
    "promptBlocked": Kind.POLICY,
    "providerContentPolicyViolation": Kind.POLICY,
    "providerInsufficientCredits": Kind.MODEL,  # their wallet upstream is empty, not ours
    "quotaExceeded": Kind.BALANCE,
    "sensitiveContentDetected": Kind.POLICY,
    "taskCancelled": Kind.CANCELED,
    "taskExpired": Kind.EXPIRED,
    "taskFailed": Kind.TROUBLE,
    "taskFailedOrNotFound": Kind.MISSING,
    "taskNotFound": Kind.MISSING,
    "thirdPartyInsufficientCredits": Kind.MODEL,
    "tokenExpired": Kind.AUTH,
    "tokenInvalid": Kind.AUTH,
    "tokenMissing": Kind.AUTH,
    "tokenRevoked": Kind.AUTH,
    "unauthorized": Kind.AUTH,
    "unknownModel": Kind.MODEL,
    "unknownParameter": Kind.INVALID,
    "unsafeContentDetected": Kind.POLICY,
    "uploadFailed": Kind.TROUBLE,
    "validationFailed": Kind.INVALID,
    "workspaceDisabled": Kind.AUTH,
    "workspaceSuspended": Kind.AUTH,
}

#: The rest, in this order: an upstream's empty wallet or bad key is Runware's trouble, not ours.
PATTERNS = (
    (re.compile("RateLimit|^rateLimit"), Kind.RATE),
    (re.compile("Timeout|^timeout"), Kind.TIMEOUT),
    (re.compile("^(provider|thirdParty)"), Kind.TROUBLE),
    (re.compile("Credits|Quota|Balance"), Kind.BALANCE),
    (re.compile("ApiKey"), Kind.AUTH),
    (re.compile("^(invalid|missing|unsupported|conflict|duplicate|value)"), Kind.INVALID),
)

#: Why a render failed, in our words (base.Failure); anything else is a "provider_error".
FAILURES = {
    Kind.CANCELED: "canceled",
    Kind.EXPIRED: "expired",
    Kind.INVALID: "invalid_request",
    Kind.POLICY: "content_policy",
    Kind.TIMEOUT: "timeout",
}

_ABOUT_US = {Kind.AUTH, Kind.BALANCE, Kind.RATE, Kind.REPEATED}


def kind_of(error: Entry) -> Kind:
    code = http.text(error.get("code"))
    if code in CODES:
        return CODES[code]
    return next((kind for pattern, kind in PATTERNS if pattern.search(code)), Kind.UNKNOWN)


def submit_error(
    error: Entry, response: httpx.Response, *, message: str, raw: Mapping[str, Any]
) -> ProviderError:
    """
    What an error in a submit's answer means.

    Only words that say "no" mean that nothing runs. Trouble on the way or inside (timeouts,
    provider errors, codes we do not know with HTTP 200 or 5xx) may have come after the task
    began, and doubt costs little here: the same taskUUID, sent again, is recognised.
    """
    kind = kind_of(error)
    wait = http.retry_after(response)
    in_trouble = response.status_code == 408 or response.status_code >= 500
    if kind in (Kind.AUTH, Kind.BALANCE):
        return Misconfigured(message, raw=raw)
    if kind in (Kind.FULL, Kind.RATE):
        return Busy(message, retry_after=wait, raw=raw)
    if kind is Kind.MODEL:
        return Unavailable(message, retry_after=wait, raw=raw)
    if kind is Kind.POLICY:
        return Refused(message, code="content_policy", raw=raw)
    if kind is Kind.INVALID and not in_trouble:
        return Refused(message, raw=raw)
    if kind is Kind.UNKNOWN:
        return http.classify(response, paid=True, message=message, raw=raw)
    return Unclear(message, raw=raw)


def question_error(
    error: Entry, response: httpx.Response, *, message: str, raw: Mapping[str, Any]
) -> ProviderError:
    """What an error means that a question of ours met: nothing about any job."""
    if kind_of(error) in (Kind.AUTH, Kind.BALANCE):
        return Misconfigured(message, raw=raw)
    blamed = http.classify(response, paid=False, message=message, raw=raw)
    return Busy(blamed.message, raw=raw) if isinstance(blamed, Refused) else blamed


def is_about_us(error: Entry) -> bool:
    """
    Whether a complaint is about the asker, our key, money or pace, and so about no render.

    That holds even where it names a task (providers.md 12, trap 4), unless it is a failed
    render's or the upstream's.
    """
    upstream = http.text(error.get("code")).startswith(("provider", "thirdParty"))
    return kind_of(error) in _ABOUT_US and not upstream and not is_failed_render(error)


def is_about_render(error: Entry, response: httpx.Response) -> bool:
    """Whether an error that names a task tells of its render, rather than of our question."""
    if is_about_us(error):
        return False
    if kind_of(error) is not Kind.UNKNOWN or is_failed_render(error):
        return True
    return response.is_success or isinstance(http.classify(response, paid=False), Refused)
