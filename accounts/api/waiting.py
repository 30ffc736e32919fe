"""`Prefer: wait=N` (RFC 7240): the answer may come later, when there is more to say."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts import ending
from accounts.listener import listener

#: Seconds that anybody waits at the most.
MOST = 60
#: Seconds after which it looks by itself: nobody may have told it.
LOOK_EVERY = 2.0

PREFER = OpenApiParameter(
    "Prefer",
    {"type": "string", "examples": ["wait=30"]},
    OpenApiParameter.HEADER,
    description=(
        f"`wait=N`: answer when it has come to its end, or after N seconds (at most {MOST}). "
        "Where too many wait already the answer comes at once, without `Preference-Applied`."
    ),
)
APPLIED = OpenApiParameter(
    "Preference-Applied",
    {"type": "string", "pattern": "^wait=[0-9]+$"},
    OpenApiParameter.HEADER,
    description="Present where the answer waited, if it had to.",
    response=[200, 202],
)
#: A preference: no comma but in quotes.
PREFERENCE = re.compile(r'(?:[^,"]|"[^"]*"?)+')

#: Who waits holds a thread. Those of WSGI are few; under ASGI every request brings its own.
_UNDER_WSGI = threading.BoundedSemaphore(settings.WEB_THREADS // 4)
_UNDER_ASGI = threading.BoundedSemaphore(100)


def until(
    request: Request, ended: Callable[[], bool], *, subjects: Collection[str]
) -> dict[str, str]:
    """
    Wait for it, as long as the request prefers; the headers that say so.

    :param ended: asks the rows. It is asked again when something is told about these `subjects`.
    """
    seconds = wished(request.META.get("HTTP_PREFER", ""))
    if not seconds:
        return {}
    with _place(request) as place:
        if place:
            _wait(ended, frozenset(subjects), time.monotonic() + seconds)
    return {"Preference-Applied": f"wait={seconds}"} if place else {}


def wished(header: str) -> int:
    """How many seconds are preferred; 0 where there is no preference that can be understood."""
    for preference in PREFERENCE.findall(header):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":  # only the first counts
            digits = value.strip().strip('"')
            return min(int(digits[:9]), MOST) if re.fullmatch("[0-9]+", digits) else 0
    return 0


@contextmanager
def _place(request: Request) -> Iterator[bool]:
    """Whether one more may wait in this process."""
    places = _UNDER_ASGI if isinstance(request._request, ASGIRequest) else _UNDER_WSGI
    if not places.acquire(blocking=False):
        yield False
        return
    try:
        yield True
    finally:
        places.release()


def _wait(ended: Callable[[], bool], subjects: frozenset[str], deadline: float) -> None:
    woken = threading.Event()

    def hear(said: str | None) -> None:
        if said is None or said.partition(" ")[2] in subjects:
            woken.set()

    with listener.calling(hear):
        while not ended() and not ending.told():
            connection.close()  # nothing holds a connection while it waits
            if (left := deadline - time.monotonic()) <= 0:
                return
            woken.wait(min(left, LOOK_EVERY))
            woken.clear()
