"""When a delivery that failed is tried again: twelve tries over three days."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from accounts.letters import WAITS

JITTER = 0.2
#: The longest that an endpoint may ask us to wait, in seconds.
LONGEST = 24 * 3600.0
#: An endpoint that took nothing for so long is switched off.
PATIENCE = timedelta(days=5)


def wait_after(tries: int, *, asked: float | None) -> float | None:
    """
    Seconds until the next try, None when there is none.

    :param tries: how many were made.
    :param asked: the least that the endpoint asked us to wait.
    """
    if tries > len(WAITS):
        return None
    planned = WAITS[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (no secret)
    return max(planned, min(asked or 0.0, LONGEST))


def retry_after(header: str | None, *, now: datetime) -> float | None:
    """The seconds that a Retry-After asks for; None for none, and for nonsense."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):  # no date, or one without a zone
        return None
