"""
Keeps the processes of one Reelay alive: web, worker, beat, sandbox.

    supervisor = Supervisor(var)
    try:
        supervisor.start([Process("web", [...]), Process("worker", [...])])
        supervisor.wait_ready(60)
        supervisor.run_until_signal()
    finally:
        supervisor.stop()

From `start` to `stop` the first SIGINT, SIGTERM or SIGHUP raises `Stopped` in the main thread, and
a second one makes the stop a quick one. Children get sessions of their own, so a Ctrl-C
reaches them through us and in order. When we are killed with -9 they are killed with us (Linux).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from config.services import notes
from config.services.child import Child
from config.services.logs import open_log, tail
from config.services.signals import Stopped, first_signal_stops
from config.services.together import wrapped

PULSE = 0.5  # seconds between two looks at the children
TRIES = 5  # ends of a process that was never ready before `wait_ready` gives up

Say = Callable[[str], None]


@dataclass(frozen=True)
class Process:
    """
    What to run. `env` is added to ours; `ready` tells whether it serves (None: once it runs).

    Processes are stopped from the highest `order` to the lowest, those of one order together. One
    that has not ended `grace` seconds after `stop_signal` is killed.
    """

    name: str
    argv: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    stop_signal: int = signal.SIGTERM
    grace: float = 30
    order: int = 0


class NotReady(Exception):
    """A process does not come up; the message says which one, and what it said last."""


class Supervisor:
    """
    One thread owns all children, because they die with the thread that started them.

    `say` gets one plain line whenever a process ends by itself; `tend` is called about twice a
    second, for what else wants looking after.
    """

    def __init__(
        self,
        var: Path,
        *,
        say: Say = lambda line: print(line, flush=True),  # noqa: T201  (it is for a terminal)
        tend: Callable[[], object] = lambda: None,
    ) -> None:
        self._var = Path(var).resolve()
        self._say, self._tend_too = say, tend
        self._crew: list[tuple[Process, Child]] = []
        self._arrivals: queue.Queue[Process | None] = queue.Queue()  # None: time to stop
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._signals = ExitStack()

    def start(self, processes: Iterable[Process]) -> None:
        """Start these, after those that run already; returns when all have been started."""
        if self._thread.ident and not self._thread.is_alive():
            raise RuntimeError("This supervisor was stopped. Make a new one.")
        if not self._thread.ident:
            self._signals.enter_context(first_signal_stops(again=self._hurry.set))
            self._thread.start()
        for process in processes:
            self._arrivals.put(process)
        self._arrivals.join()

    def wait_ready(self, timeout: float) -> None:
        """:raises NotReady: if one is not ready after `timeout` seconds or keeps on ending."""
        deadline = time.monotonic() + timeout
        waiting = list(self._crew)
        while waiting := [one for one in waiting if not _is_ready(*one)]:
            for process, child in waiting:
                if child.failures >= TRIES or time.monotonic() > deadline:
                    raise NotReady(self._last_words(process))
            time.sleep(0.1)

    def run_until_signal(self) -> int:
        """Wait until somebody asks us to stop; returns the number of the signal."""
        try:
            while True:
                time.sleep(3600)
        except Stopped as request:
            return request.number

    def stop(self) -> None:
        """Stop everything in order. Calling it twice, or before a start, is fine."""
        if self._thread.is_alive():
            self._arrivals.put(None)
            try:
                self._thread.join()
            except Stopped:  # asked to do what we are doing
                self._thread.join()
        self._signals.close()

    @property
    def pids(self) -> dict[str, int]:
        """Those that run now, by name."""
        return {process.name: child.pid for process, child in self._crew if child.pid}

    def _run(self) -> None:
        while True:
            try:
                arrival = self._arrivals.get(timeout=PULSE)
            except queue.Empty:
                self._tend()
                continue
            if arrival is None:
                break
            self._take_on(arrival)
            self._arrivals.task_done()
        self._stop_all()

    def _take_on(self, process: Process) -> None:
        child = Child(
            process.name,
            lambda: self._spawn(process),
            say=lambda text: self._tell(f"{text}; see {self._log(process)}"),
            stop_signal=process.stop_signal,
        )
        self._crew.append((process, child))
        self._tend()

    def _tend(self) -> None:
        try:
            started = [process.name for process, child in self._crew if child.tend()]
            if started:
                notes.write(self._var / "processes.json", self.pids)
            self._tend_too()
        except Exception as error:  # whatever it is: with this thread all children would end
            self._tell(f"supervisor: {error!r}")

    def _spawn(self, process: Process) -> subprocess.Popen[bytes]:
        with open_log(self._log(process)) as log:
            return subprocess.Popen(
                wrapped(process.argv, signal.SIGKILL),
                env={**os.environ, **process.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _stop_all(self) -> None:
        last_first = sorted(self._crew, key=_order, reverse=True)
        for _, together in groupby(last_first, key=_order):
            self._stop_together(list(together))
        (self._var / "processes.json").unlink(missing_ok=True)

    def _stop_together(self, crew: list[tuple[Process, Child]]) -> None:
        asked_at = time.monotonic()
        for _, child in crew:
            child.ask_to_stop()
        for process, child in crew:
            left = asked_at + process.grace - time.monotonic()
            if not child.ends(within=left, hurry=self._hurry):
                self._tell(f"{process.name} did not stop in time; killing it")
            child.kill()

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone
            self._say(line)

    def _log(self, process: Process) -> Path:
        return self._var / "log" / f"{process.name}.log"

    def _last_words(self, process: Process) -> str:
        log = self._log(process)
        return f"{process.name} does not come up. It said last (see {log}):\n{tail(log)}"


def _is_ready(process: Process, child: Child) -> bool:
    if not child.is_alive():
        return False
    try:
        return process.ready is None or process.ready()
    except OSError:  # nobody listens yet
        return False


def _order(one: tuple[Process, Child]) -> int:
    return one[0].order
