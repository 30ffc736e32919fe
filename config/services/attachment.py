"""Using the services: start them if nobody has, and keep them as long as we live."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from config.services import lodging, notes
from config.services.answers import both_answer
from config.services.errors import OR_YOUR_OWN, ServicesUnavailable
from config.services.locks import FileLock, is_held
from config.services.logs import open_log
from config.services.places import Places, ServiceURLs, refuse_foreign

CHECKOUT = Path(__file__).resolve().parents[2]
BETWEEN_TRIES = 10.0  # seconds from one attempt to bring a killed keeper back to the next


def urls(var: Path) -> ServiceURLs:
    """The addresses that the services of this folder have whenever they run."""
    return Places.of(var).urls


def attach(var: Path, *, timeout: float = 60) -> Attachment:
    """
    Start PostgreSQL and Valkey for this folder unless they run, and wait until both answer.

    They run as long as anybody is attached and a moment longer.

    :raises ServicesUnavailable: if they do not answer within `timeout` seconds, or never will.
    """
    places = Places.of(var)
    deadline = time.monotonic() + timeout
    try:
        return _attach(places, deadline)
    except PermissionError as error:
        raise ServicesUnavailable(
            f"{error.filename} belongs to another user. Run the same command as that user. "
            f"{OR_YOUR_OWN}"
        ) from error
    except OSError as error:
        raise ServicesUnavailable(f"{places.var} cannot be used: {error}. {OR_YOUR_OWN}") from error


def erase(var: Path) -> None:
    """
    Delete everything that the services keep for this folder, in it and elsewhere.

    :raises ServicesUnavailable: if somebody uses them.
    """
    places = Places.of(var)
    if not places.var.exists():
        return
    lock = FileLock(places.keeper_lock)
    try:
        _wait_for_the_last_keeper(lock, places)
        lodging.forget(places)
        for folder in (places.valkey_data, places.sockets):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.close()


class Attachment:
    """
    One user of the services; `close` it, leave its `with` block, or simply end.

    It is not passed on to programs we start: they attach for themselves or live as long as we do.
    """

    def __init__(self, places: Places, users: FileLock) -> None:
        self.urls = places.urls
        self._places, self._users = places, users
        self._next_try = 0.0

    def tend(self) -> None:
        """
        Have the services started again if their keeper was killed; returns at once.

        For launchers that live for weeks: to be called every now and then.
        """
        if time.monotonic() > self._next_try and not is_held(self._places.keeper_lock):
            self._next_try = time.monotonic() + BETWEEN_TRIES
            _start_keeper(self._places).close()

    def close(self) -> None:
        """Stop counting as a user. Calling it twice is fine."""
        self._users.close()

    def __enter__(self) -> Attachment:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _attach(places: Places, deadline: float) -> Attachment:
    places.var.mkdir(parents=True, exist_ok=True)
    refuse_foreign(places.sockets)
    users = FileLock(places.users_lock)
    try:
        _become_a_user(users, places, deadline)
        _wait_until_both_answer(places, deadline)
    except BaseException:
        users.close()
        raise
    return Attachment(places, users)


def _become_a_user(users: FileLock, places: Places, deadline: float) -> None:
    """A keeper that found nobody left holds this lock until it is gone; then we come in."""
    while not users.try_shared():
        _pause(places, deadline)


def _wait_until_both_answer(places: Places, deadline: float) -> None:
    while not _is_ready(places):
        if is_held(places.keeper_lock):
            _pause(places, deadline)
        else:
            _hear(_start_keeper(places), places, deadline)


def _is_ready(places: Places) -> bool:
    """The note comes last: without it there is no need to ask, and to fill their logs with it."""
    return is_held(places.keeper_lock) and places.note.exists() and both_answer(places)


def _start_keeper(places: Places) -> IO[bytes]:
    """It leaves us at once and lives on its own; what we get is the line it will say."""
    ours, its = os.pipe()
    with os.fdopen(its, "wb") as answer, open_log(places.log("keeper")) as log:
        subprocess.run(
            [sys.executable, "-m", "config.services.keeper", str(places.var), "--detach"],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=log,
            start_new_session=True,
        )
    return os.fdopen(ours, "rb")


def _hear(line: IO[bytes], places: Places, deadline: float) -> None:
    """Wait for what the keeper has to say. An end without a word means that it was killed."""
    with line:
        ear = select.poll()
        ear.register(line, select.POLLIN)
        while not ear.poll(200):  # milliseconds
            _refuse_to_wait_longer(places, deadline)
        word = line.read().decode().strip()
    if word not in (notes.READY, notes.BUSY):
        raise ServicesUnavailable(word or _no_answer(places))


def _wait_for_the_last_keeper(lock: FileLock, places: Places) -> None:
    deadline = time.monotonic() + 10
    while not lock.try_exclusive():
        if time.monotonic() > deadline:
            raise ServicesUnavailable(f"Somebody uses the services of {places.var}.")
        time.sleep(0.05)


def _pause(places: Places, deadline: float) -> None:
    _refuse_to_wait_longer(places, deadline)
    time.sleep(0.05)


def _refuse_to_wait_longer(places: Places, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise ServicesUnavailable(_no_answer(places))


def _no_answer(places: Places) -> str:
    logs = places.log("*")
    return f"PostgreSQL and Valkey do not answer in time. The reason is in {logs}. {OR_YOUR_OWN}"
