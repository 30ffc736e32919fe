"""Being asked to stop: once politely, a second time in a hurry."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(SystemExit):
    """
    Somebody asked us to stop. No `except Exception` swallows it; nobody has to catch it, as the
    program then ends with the exit status that shells use for this signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = signal.Signals(number)


@contextmanager
def first_signal_stops(again: Callable[[], None]) -> Iterator[None]:
    """
    Inside, the first SIGINT, SIGTERM or SIGHUP raises `Stopped` in the main thread and every
    further one calls `again`. Only the main thread may handle signals; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handle = _raise_once(again)
    before = {each: signal.signal(each, handle) for each in _requests()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _requests() -> list[signal.Signals]:
    """Under nohup a hang-up is no request. SIGINT is one even where a shell's `&` silenced it."""
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return [signal.SIGINT, signal.SIGTERM]
    return [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def _raise_once(again: Callable[[], None]) -> Callable[[int, FrameType | None], None]:
    asked: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) > 1:
            again()
        else:
            raise Stopped(number)

    return handle
