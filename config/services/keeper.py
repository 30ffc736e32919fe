"""
The keeper: one small process that runs PostgreSQL and Valkey as long as anybody uses them.

    python -m config.services.keeper VAR            in the foreground
    python -m config.services.keeper VAR --detach   on its own, as `attach` starts it

It writes one line to its standard output when it knows how the start went, and then closes it. Its
servers die with it, and it restarts one that dies by itself. It has a single thread, because
children die with the thread that started them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from config.services import binaries, leftovers, lodging, notes
from config.services.child import Child
from config.services.errors import OR_YOUR_OWN, ServicesUnavailable
from config.services.locks import FileLock
from config.services.logs import tail
from config.services.places import DATABASE, Places, make_private
from config.services.postgres import Postgres
from config.services.signals import Stopped, first_signal_stops
from config.services.valkey import Valkey

PULSE = 0.5  # seconds between two looks at servers and users
LINGER = 2  # looks without any user before it stops: commands in a row share the servers
LONGEST_START = 600.0  # seconds; after a crash PostgreSQL may have much to read
TRIES = 4  # starts of one server before its keeper gives up
LONGEST_STOP = 60.0

Service = Postgres | Valkey


class Keeper:
    """The life of the two servers, from start to stop."""

    def __init__(self, places: Places, lock: FileLock) -> None:
        self._places, self._lock = places, lock
        self._postgres = Postgres(places, lodging.find(places))
        self._services: list[Service] = [Valkey(places, binaries.valkey()), self._postgres]
        self._children = [_child(service) for service in self._services]

    def start(self) -> None:
        """:raises ServicesUnavailable: if one of them does not start."""
        for service in self._services:
            service.prepare()
        self._places.note.unlink(missing_ok=True)
        for child in self._children:
            child.tend()
        for service, child in zip(self._services, self._children, strict=True):
            self._wait_until_it_answers(service, child)
        self._postgres.create_database(DATABASE)
        self._write_note()

    def keep(self, users: FileLock) -> None:
        """Return when nobody is left, holding the users' lock: who comes now waits for our end."""
        quiet = 0
        while quiet < LINGER and not self._lost_something():
            if quiet:
                users.release()
            time.sleep(PULSE)
            self._tend()
            quiet = quiet + 1 if users.try_exclusive() else 0

    def stop(self) -> None:
        """One after the other, Valkey last: as long as it answers, somebody is still here."""
        never = threading.Event()
        for child in reversed(self._children):
            child.ask_to_stop()
            if not child.ends(within=LONGEST_STOP, hurry=never):
                _log(f"{child.name} takes too long to stop: killing it")
                child.kill()
        if not self._lock.is_lost():  # else it may be a successor's by now
            shutil.rmtree(self._places.sockets, ignore_errors=True)
            self._places.note.unlink(missing_ok=True)

    def _wait_until_it_answers(self, service: Service, child: Child) -> None:
        deadline = time.monotonic() + LONGEST_START
        while not (child.is_alive() and service.answers()):
            child.tend()
            if child.failures >= TRIES or time.monotonic() > deadline:
                raise ServicesUnavailable(self._why_not(child.name))
            time.sleep(0.02)

    def _lost_something(self) -> bool:
        """Deleted under us: nobody could find the servers any more, so they are of no use."""
        return self._lock.is_lost() or not self._places.sockets.exists()

    def _tend(self) -> None:
        started = [child.name for child in self._children if child.tend()]
        if started:
            with contextlib.suppress(OSError):  # a full disk is no reason to stop
                self._write_note()

    def _write_note(self) -> None:
        urls = self._places.urls
        pids = {child.name: child.pid or 0 for child in self._children}
        addresses = {"database_url": urls.database_url, "redis_url": urls.redis_url}
        when = {"started_at": datetime.now(UTC).isoformat(timespec="seconds")}
        notes.write(self._places.note, {"keeper": os.getpid(), **pids, **addresses, **when})

    def _why_not(self, name: str) -> str:
        log = self._places.log(name)
        return f"{name} does not start: {tail(log, lines=2)} (see {log}). {OR_YOUR_OWN}"


def main(var: Path, *, detached: bool = False) -> int:
    """The exit status: 0 after a clean stop or if another keeper is at work, else 1."""
    os.umask(0o077)
    places = Places.of(var)
    os.chdir("/")
    if detached and os.fork():
        os._exit(0)  # the keeper is nobody's child, so nobody has to wait for it
    try:
        with first_signal_stops(again=lambda: None):
            _run(places)
    except Stopped as request:
        _log(f"stopped by {request.number.name}")
    except ServicesUnavailable as error:
        return _give_up(str(error))
    except OSError as error:
        return _give_up(f"The services cannot be started: {error}. {OR_YOUR_OWN}")
    return 0


def _run(places: Places) -> None:
    lock = FileLock(places.keeper_lock)
    if not _take(lock):
        _report(notes.BUSY)
        return
    make_private(places.sockets, 0o711 if os.geteuid() == 0 else 0o700)
    leftovers.wait_for_predecessor(places)
    users = FileLock(places.users_lock)
    keeper = Keeper(places, lock)
    with _stopping_at_the_end(keeper):
        keeper.start()
        _log("ready")
        _report(notes.READY)
        keeper.keep(users)
        _log("nobody is left, or nothing to keep")


@contextmanager
def _stopping_at_the_end(keeper: Keeper) -> Iterator[None]:
    try:
        yield
    finally:
        try:
            keeper.stop()
        except Stopped:  # asked to do what we are doing
            keeper.stop()


def _give_up(reason: str) -> int:
    _log(reason)
    _report(reason)
    return 1


def _take(lock: FileLock) -> bool:
    """Somebody may hold it for a moment, only to find out whether a keeper is at work."""
    for _ in range(50):
        if lock.try_exclusive():
            return True
        time.sleep(0.02)
    return False


def _child(service: Service) -> Child:
    return Child(
        service.name, service.spawn, say=_log, mend=service.mend, stop_signal=service.stop_signal
    )


def _report(line: str) -> None:
    """Once; from here on standard output leads nowhere, which tells the reader that this was it."""
    with contextlib.suppress(BrokenPipeError):  # whoever started us is gone
        os.write(sys.stdout.fileno(), f"{line}\n".encode())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _log(text: str) -> None:
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    with contextlib.suppress(OSError):  # a full disk is no reason to stop
        sys.stderr.write(f"{when} keeper {os.getpid()}: {text}\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), detached="--detach" in sys.argv[2:]))
