"""The words of these tests: users, processes and what becomes of them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from config import services
from config.services import notes

CHECKOUT = Path(__file__).resolve().parents[2]
SITE_PACKAGES = Path(psutil.__file__).resolve().parents[1]
USER = Path(__file__).with_name("user.py")


def stop(var: Path) -> None:
    """Stop the services now instead of waiting for their keeper to notice that nobody is left."""
    if (var / "services.json").exists():
        everybody = processes(var)
        os.kill(keeper_of(var), signal.SIGTERM)
        wait_until(lambda: are_gone(everybody))


def put_away(var: Path) -> None:
    """Leave nothing behind, in no folder of the machine."""
    stop(var)
    if var.exists():
        services.erase(var)


def keeper_of(var: Path) -> int:
    return pids(var)["keeper"]


def pids(var: Path) -> dict[str, int]:
    """By name; zeros while there is no note."""
    note = notes.read(var / "services.json")
    return {name: int(note.get(name, 0)) for name in ("keeper", "postgres", "valkey")}


def processes(var: Path) -> list[psutil.Process]:
    """The keeper and its servers, the workers of PostgreSQL among them."""
    if not psutil.pid_exists(keeper_of(var)):
        return []
    keeper = psutil.Process(keeper_of(var))
    return [keeper, *keeper.children(recursive=True)]


def kill(them: list[psutil.Process]) -> None:
    for one in them:
        with contextlib.suppress(psutil.NoSuchProcess):  # it died with one before it
            one.kill()


def are_gone(them: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in them)


def wait_until(wish: Callable[[], Any], *, within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while not wish():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def query(attachment: services.Attachment, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement in a connection of its own."""
    with psycopg.connect(attachment.urls.database_url, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def start_user(
    var: Path, *, python: str = sys.executable, before: tuple[str, ...] = (), **identity: Any
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*before, python, str(USER), str(var)],
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{CHECKOUT}:{SITE_PACKAGES}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **identity,
    )


def arrival_of(user: subprocess.Popen[str]) -> dict[str, Any]:
    """What it says once it is attached."""
    assert user.stdout
    line = user.stdout.readline()
    assert line, user.communicate()[1]
    return dict(json.loads(line))


def dismiss(*users: subprocess.Popen[str]) -> None:
    for user in users:
        user.communicate()


def python_for(uid: int) -> str:
    """Ours may lie in root's private home."""
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if can_run([python, "-c", "import sys; assert sys.version_info >= (3, 11)"], uid):
            return python
    pytest.skip("no Python on this machine that an ordinary user may run")


def can_run(command: list[str], uid: int) -> bool:
    try:
        done = subprocess.run(command, cwd="/", capture_output=True, **identity_of(uid))
    except OSError:
        return False
    return done.returncode == 0


def identity_of(uid: int) -> dict[str, Any]:
    return {"user": uid, "group": uid, "extra_groups": []}
