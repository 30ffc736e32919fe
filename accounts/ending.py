"""Whether this process was told to stop: what waits in it ends then, and holds up nobody."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from functools import cache
from types import FrameType

Handler = Callable[[int, FrameType | None], object]

_told = threading.Event()


def told() -> bool:
    return _told.is_set()


@cache
def watch() -> None:
    """
    From now on we hear of the signals that stop a server, before it acts on them.

    To be called in the main thread, when the server has set its own handlers: uvicorn has not
    before the first request, gunicorn has when it loads the site.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, _both(before))


def _both(before: Handler) -> Handler:
    def handle(number: int, frame: FrameType | None) -> None:
        _told.set()
        before(number, frame)

    return handle
