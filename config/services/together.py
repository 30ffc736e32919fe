"""
Children that die with us, even when we are killed with -9 (Linux only; elsewhere they live on).

The kernel sends the signal when the *thread* that started the child ends, so that thread must live
as long as the child may. Run as a script, this file is the way to do it from a program with
several threads, where running Python between fork and exec is not safe:

    python together.py SIGNAL PARENT PROGRAM [ARGUMENT ...]
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
ON_LINUX = sys.platform == "linux"
LIBC = ctypes.CDLL(None) if ON_LINUX else None


def dying_with_us(signal: int) -> Callable[[], None]:
    """For `preexec_fn` of a program with one thread; survives a change of user and the exec."""
    parent = os.getpid()
    return lambda: tie_to(parent, signal)


def wrapped(argv: list[str], signal: int) -> list[str]:
    """The command that becomes `argv` once it is tied to us."""
    if not ON_LINUX:
        return argv
    return [sys.executable, "-I", "-S", __file__, str(int(signal)), str(os.getpid()), *argv]


def tie_to(parent: int, signal: int) -> None:
    """Have the kernel send us `signal` when `parent` dies; leave at once if it already has."""
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal))
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    tie_to(int(sys.argv[2]), int(sys.argv[1]))
    try:
        os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606  (that is the whole point)
    except OSError as error:
        sys.exit(f"{sys.argv[3]}: {error.strerror}")
