"""One child process, started again whenever it ends by itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable

FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0  # seconds before a restart, doubling from one to the other
STEADY = 30.0  # seconds of life after which an end counts as a first one again

Say = Callable[[str], None]


class Child:
    """
    `spawn` starts the process in a session of its own. Whoever owns the child calls `tend` twice a
    second or so, always from the same thread; `mend` is called after an end, before the restart.
    """

    def __init__(
        self,
        name: str,
        spawn: Callable[[], subprocess.Popen[bytes]],
        *,
        say: Say,
        mend: Callable[[], None] = lambda: None,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.failures = 0
        self._spawn, self._mend, self._say = spawn, mend, say
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._delay = FIRST_DELAY
        self._due = self._began = time.monotonic()

    @property
    def pid(self) -> int | None:
        """None while there is no process."""
        process = self._process
        return process.pid if process else None

    def tend(self) -> bool:
        """Notice its end and start it when that is due; True when a new process was started."""
        if self.is_alive():
            return False
        if self._process:
            self._mourn(self._process)
        if time.monotonic() < self._due:
            return False
        return self._start()

    def is_alive(self) -> bool:
        """May be asked from any thread."""
        process = self._process
        return process is not None and process.poll() is None

    def ask_to_stop(self) -> None:
        if self._process:
            self._process.send_signal(self._stop_signal)

    def ends(self, *, within: float, hurry: threading.Event) -> bool:
        """Wait for its end; False after `within` seconds or in a hurry."""
        deadline = time.monotonic() + within
        while self.is_alive():
            if hurry.is_set() or time.monotonic() > deadline:
                return False
            hurry.wait(0.02)
        return True

    def kill(self) -> None:
        """End it and everything that it started in its group, at once."""
        if self._process:
            _kill_group(self._process.pid)
            self._process.wait()

    def _start(self) -> bool:
        self._began = time.monotonic()
        try:
            self._process = self._spawn()
        except OSError as error:
            self._put_off(f"{self.name} cannot be started ({error})")
            return False
        return True

    def _mourn(self, process: subprocess.Popen[bytes]) -> None:
        _kill_group(process.pid)  # what it leaves behind would get in the way of its successor
        self._process = None
        if time.monotonic() - self._began >= STEADY:
            self._delay = FIRST_DELAY
        self._put_off(f"{self.name} ended ({_in_words(process.returncode)})")
        self._mend()

    def _put_off(self, what: str) -> None:
        self.failures += 1
        self._say(f"{what}; starting it again in {self._delay:g} s")
        self._due = time.monotonic() + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _in_words(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"
