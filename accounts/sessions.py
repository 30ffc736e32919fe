"""
How long somebody stays signed in: until nobody was there for some hours, and at most some days.

A session's end is a moment that is written into it, moved at most every few minutes: whatever
else changes the session leaves it where it is, and pages that are only looked at write nothing.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

#: In a session: when they signed in, and when its end was last moved (seconds since 1970).
SINCE, MOVED = "since", "moved"
MOVED_EVERY = 300


@receiver(user_logged_in)
def begin(request: HttpRequest, **kwargs: Any) -> None:
    """Who signs in, in a browser where somebody was signed in before, begins anew."""
    request.session[SINCE] = time.time()
    request.session.pop(MOVED, None)


def prolong(request: HttpRequest) -> None:
    """Somebody is there, so that the session's end moves away; never beyond the last day."""
    session, now = request.session, time.time()
    if now - session.get(MOVED, 0) < MOVED_EVERY or _asked_by_itself(request):
        return
    session[MOVED] = now
    last = session.setdefault(SINCE, now) + settings.SESSION_MOST_DAYS * 86400
    end = min(now + settings.SESSION_COOKIE_AGE, last)
    session.set_expiry(datetime.fromtimestamp(end, tz=UTC))


def _asked_by_itself(request: HttpRequest) -> bool:
    """A page that was left open asks for its parts and its news for days, with nobody there."""
    listens = "text/event-stream" in request.headers.get("Accept", "")
    return request.method == "GET" and (listens or "HX-Request" in request.headers)
