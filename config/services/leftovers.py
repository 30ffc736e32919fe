"""
What an earlier keeper may have left behind when it was killed.

On Linux its servers die with it, so there is little to do but to wait for them; elsewhere, and
after a restart of the machine, there is more.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from config.services import notes
from config.services.answers import tell_valkey_to_stop, valkey_answers
from config.services.errors import ServicesUnavailable
from config.services.places import Places
from config.services.together import ON_LINUX

LAST_WORDS = 20.0  # seconds a server that was told to stop may take
A_MOMENT = 2.0  # seconds for what is ending by itself


def free_data_folder(data: Path, places: Places) -> None:
    """
    Make sure that no server is on the data folder, ending the one of a keeper that was killed.

    A lock file may also name a process that has nothing to do with us: numbers are used again
    after a restart of the machine, and copied folders name the server of the original.
    PostgreSQL would refuse to start then, so such a file is removed.

    :raises ServicesUnavailable: if a server that is not ours is at work there.
    """
    pid = _server_of(data)
    is_ours = pid == notes.read(places.note).get("postgres")
    if pid and is_ours:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
    patience = LAST_WORDS if is_ours else A_MOMENT
    if pid and not _comes_true(lambda: not _server_of(data), within=patience):
        raise ServicesUnavailable(
            f"Another PostgreSQL (process {pid}) is at work on {data}. Stop it, or set "
            "DATABASE_URL to its address."
        )
    if _is_alive(_written_pid(data)):
        (data / "postmaster.pid").unlink(missing_ok=True)


def wait_for_predecessor(places: Places) -> None:
    """
    A keeper whose `var` was deleted under it needs a moment to notice; Valkey is what it stops
    last. One that still answers then has lost its keeper and is told to stop.

    :raises ServicesUnavailable: if somebody still answers at our socket.
    """
    socket = places.valkey_socket
    patience = LAST_WORDS if ON_LINUX else A_MOMENT  # elsewhere it is rather one without a keeper
    if _comes_true(lambda: not valkey_answers(socket), within=patience):
        return
    tell_valkey_to_stop(socket)
    if not _comes_true(lambda: not valkey_answers(socket), within=LAST_WORDS):
        raise ServicesUnavailable(f"Another Valkey answers at {socket}. Stop it, or set REDIS_URL.")


def _server_of(data: Path) -> int | None:
    """The process that is at work on this very folder, if there is one."""
    pid = _written_pid(data)
    return pid if pid and _is_alive(pid) and _works_in(pid, data) else None


def _written_pid(data: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    return None


def _is_alive(pid: int | None) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _works_in(pid: int, data: Path) -> bool:
    """A server's working directory is its data. Where we may not look, its command must do."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", data)
    except OSError:
        command = _command_of(pid)
    return "postgres" in command and (str(data) in command or "-D" not in command)


def _command_of(pid: int) -> str:
    """Empty if the process is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        asked = ["ps", "-o", "command=", "-p", str(pid)]
        with contextlib.suppress(OSError):
            return subprocess.run(asked, capture_output=True, text=True).stdout
    return ""


def _comes_true(wish: Callable[[], bool], *, within: float) -> bool:
    deadline = time.monotonic() + within
    while not wish():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
