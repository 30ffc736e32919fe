"""What this process depends on, asked one by one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from accounts.redis_client import client
from config import beat
from config.observing import backlog

#: A beat that was not seen for so long, or a row that waited so long, is worth a word.
SILENT, LATE = 15.0, 60.0
#: Storage is written to at most so often, in seconds: probes come every few, and S3 counts.
STORAGE_EVERY = 30.0
PROBE = "probes/ready"


class Unwell(Exception):
    """Says what is wrong."""


@dataclass(frozen=True, slots=True)
class Probe:
    """`needed`: without it this process should get no requests; else others are to be told."""

    ask: Callable[[], dict[str, Any]]
    needed: bool = True

    def answer(self) -> dict[str, Any]:
        began = time.perf_counter()
        try:
            said = {"ok": True, **self.ask()}
        except Unwell as why:
            said = {"ok": False, "detail": str(why)}
        except Exception as error:  # whatever a broken dependency raises is the answer
            said = {"ok": False, "detail": type(error).__name__}
        return said | {"ms": round((time.perf_counter() - began) * 1000, 1)}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


def _redis() -> dict[str, Any]:
    client().ping()
    return {}


_stored_at: dict[str, float] = {}


def forget() -> None:
    """For tests: storage is asked again."""
    _stored_at.clear()


def _storage() -> dict[str, Any]:
    """Writable, lately."""
    last = _stored_at.get(PROBE)
    if last is None or time.monotonic() - last > STORAGE_EVERY:
        default_storage.delete(default_storage.save(PROBE, ContentFile(b"ready")))
        _stored_at[PROBE] = time.monotonic()
    return {}


def _beat() -> dict[str, Any]:
    silent = beat.silent_for()
    if silent is None or silent > SILENT:
        raise Unwell("no sign of life" + (f" for {silent:.0f} s" if silent else ""))
    return {"silent_for": round(silent, 1)}


def _oldest_due() -> dict[str, Any]:
    urgent = [one for one in backlog.read() if one.loop not in backlog.PATIENT]
    worst = max(urgent, key=lambda one: one.lag)
    if worst.lag > LATE:
        raise Unwell(f"{worst.loop}: a row has waited for {worst.lag:.0f} s")
    return {"loop": worst.loop, "lag": round(worst.lag, 1)}


PROBES: dict[str, Probe] = {
    "database": Probe(_database),
    "redis": Probe(_redis),
    "storage": Probe(_storage),
    "beat": Probe(_beat, needed=False),
    "oldest_due": Probe(_oldest_due, needed=False),
}


def checks() -> tuple[bool, dict[str, dict[str, Any]]]:
    """Whether this process can serve, and what each probe said."""
    said = {name: probe.answer() for name, probe in PROBES.items()}
    return all(said[name]["ok"] for name, probe in PROBES.items() if probe.needed), said
