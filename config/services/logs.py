"""Log files of child processes: appended to, and put aside at a start once they have grown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

LARGEST = 10 * 1024 * 1024


def open_log(path: Path) -> IO[bytes]:
    """The file to append to. One that is larger than 10 MB becomes `<name>.1` first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if size(path) > LARGEST:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def tail(path: Path, *, lines: int = 5, since: int = 0) -> str:
    """Its last lines, but nothing that was written before byte `since`."""
    try:
        with path.open("rb") as file:
            file.seek(max(since, size(path) - 8192))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
