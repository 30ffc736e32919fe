"""
Processes of ours, of which only one runs at a time: the one that the world lets run.

Each is a thread with a database connection of its own. It gives the turn back where it waits for
the network, at the crash points its fate names, and when it ends. It can be killed wherever it
stands: then nothing of it is written any more, and what its transaction had written is undone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, connections

from tests.sim.clock import clock

DIE, PARK = "dies", "stops"


class Killed(SystemExit):
    """As by kill -9. An event loop lets a SystemExit out at once, whatever its tasks do."""


@dataclass(slots=True)
class Fate:
    """What happens to a process at the n-th crash point it passes, or the n-th named like that."""

    what: str
    passing: int
    point: str = ""

    def comes_true(self, point: str) -> bool:
        if self.point and self.point != point:
            return False
        self.passing -= 1
        return self.passing <= 0


class Process:
    """`work` in a process of its own, run by `proceed`."""

    def __init__(self, name: str, work: Callable[[], object], fate: Fate | None = None) -> None:
        self.name, self._work, self.fate = name, work, fate
        self.result: object = None
        #: What the world does when it has ended by itself.
        self.then: Callable[[Process], None] | None = None
        self.error: BaseException | None = None
        self.is_over = False
        self.is_killed = False
        #: Its own clock stands: it neither goes on by itself nor renews its leases.
        self.is_stalled = False
        #: The crash point it stopped at, and when its event loop wants to go on.
        self.parked_at = ""
        self.wakes_at: float | None = None
        #: When answers are on their way to it.
        self.hears_at: list[float] = []
        #: Generation → the token of the lease it got.
        self.tokens: dict[object, int] = {}
        self._turn, self._over_to_the_world = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    def proceed(self) -> None:
        """Let it run until it waits, stops or ends."""
        if self.is_over:
            return
        self.parked_at, self.wakes_at = "", None
        self._turn.release()
        self._over_to_the_world.acquire()

    def kill(self) -> None:
        self.is_killed = True
        self.proceed()

    def wait(self, seconds: float | None) -> None:
        """Called in the process: nothing to do for so long, or until somebody calls."""
        self._refuse_the_dead()
        self.wakes_at = float("inf") if seconds is None else clock.elapsed + seconds
        self._give_way()

    def passes(self, point: str) -> None:
        """Called in the process at a crash point."""
        if self.is_killed or self.fate is None or not self.fate.comes_true(point):
            return
        if self.fate.what == DIE:
            self.fate, self.is_killed = None, True
            self.parked_at = point
            raise Killed(point)
        if not connection.in_atomic_block:  # inside, it would hold locks that others wait for
            self.fate, self.parked_at = None, point
            self._give_way()

    def _give_way(self) -> None:
        self._over_to_the_world.release()
        self._turn.acquire()
        self._refuse_the_dead()

    def _refuse_the_dead(self) -> None:
        if self.is_killed:
            raise Killed

    def _live(self) -> None:
        self._turn.acquire()
        _here.process = self
        try:
            self._refuse_the_dead()
            self.result = self._work()
        except Killed:
            self.is_killed = True
        except BaseException as error:
            self.error = error
        finally:
            connections.close_all()
            self.is_over = True
            self._over_to_the_world.release()


_here = threading.local()


def current() -> Process | None:
    """The process that this is called in; None in the world's own thread."""
    return getattr(_here, "process", None)


def passing(point: str) -> None:
    """What `accounts.crashpoints` calls."""
    if process := current():
        process.passes(point)
