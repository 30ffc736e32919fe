"""A lock on a file that the kernel takes back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileLock:
    """
    One holder's view of the lock; trying never waits.

    The file stays closed to child programs (descriptors are not inherited), so a child that
    outlives us does not keep our lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)

    def try_shared(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def release(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def is_lost(self) -> bool:
        """True when the file is not at its place any more: others would lock a new one."""
        try:
            return not os.path.samestat(os.fstat(self._file), os.stat(self._path))
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Let go, for good. Calling it twice is fine."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_held(path: Path) -> bool:
    """Whether somebody holds it exclusively. Takes it shared for a moment to find out."""
    lock = FileLock(path)
    try:
        return not lock.try_shared()
    finally:
        lock.close()
