"""Starts `child.py`, waits for it, and reads what it says: the safe side of decoding."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

CHILD = Path(__file__).with_name("child.py")
MIB = 1024 * 1024
#: One line of JSON and what a library may say on standard error.
TALK = 64 * 1024
#: A tenth of what others get of a busy processor.
POLITE = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. It is stopped at the first of them that it reaches."""

    cpu_seconds: int
    wall_seconds: float
    memory: int  # bytes of address space
    output: int = 0  # bytes of picture it may hand back
    patiently: bool = False  # others go first


class ChildRefused(Exception):
    """The child judged the file: `code` is stable, `reason` plain."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ChildStopped(Exception):
    """The child reached a limit or crashed: whatever it was given, it is no ordinary file."""


class ChildBroken(RuntimeError):
    """The child could not do its work at all, for instance for lack of a library: our fault."""


def run(
    verb: str, arguments: Mapping[str, object], *, limits: Limits, stdin: bytes = b""
) -> tuple[dict[str, object], bytes]:
    """
    What the child says about the file, and the picture it made, if any.

    Files in memory carry the bytes, not pipes: the child's file size limit then bounds what it can
    hand us, nobody waits for anybody to read, and a full or read-only disk stops no work.

    :raises ChildRefused: :raises ChildStopped: :raises ChildBroken:
    """
    with contextlib.ExitStack() as files:
        given, said, complaints = (files.enter_context(_scratch_file()) for _ in range(3))
        given.write(stdin)
        given.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", str(CHILD), _order(verb, arguments, limits)],
            stdin=given,
            stdout=said,
            stderr=complaints,
            cwd="/",
            env={"LC_ALL": "C.UTF-8"},
        )
        return _read(_wait(child, limits), _contents(said), _contents(complaints))


def _scratch_file() -> BinaryIO:
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("reelay"), "w+b")
    return cast(BinaryIO, tempfile.TemporaryFile())


def _order(verb: str, arguments: Mapping[str, object], limits: Limits) -> str:
    return json.dumps(
        {
            "verb": verb,
            "arguments": arguments,
            "limits": {
                "cpu_seconds": limits.cpu_seconds,
                "wall_seconds": int(limits.wall_seconds) + 1,
                "memory": limits.memory,
                "output": limits.output + TALK,
                "niceness": POLITE if limits.patiently else 0,
            },
        }
    )


def _wait(child: subprocess.Popen[bytes], limits: Limits) -> int:
    """Its exit status; negative if a signal ended it."""
    try:
        return child.wait(limits.wall_seconds)
    except subprocess.TimeoutExpired:
        return -9
    finally:
        child.kill()
        child.wait()


def _contents(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _read(status: int, said: bytes, complaints: bytes) -> tuple[dict[str, object], bytes]:
    if status < 0:
        raise ChildStopped("it could not be read within the limits of time and memory")
    if status > 0:
        raise ChildBroken(complaints.decode(errors="replace")[-2000:])
    line, _, content = said.partition(b"\n")
    facts: dict[str, object] = json.loads(line)
    if "refused" in facts:
        raise ChildRefused(str(facts["refused"]), str(facts["reason"]))
    return facts, content
