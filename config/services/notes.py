"""
What our processes tell each other: small JSON files, always whole and never half written, and the
line by which a keeper says how its start went.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

READY, BUSY = "ready", "busy"  # a keeper's line; anything else is the reason of a failure


def write(path: Path, content: Mapping[str, str | int]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(content, indent=1) + "\n")
    beside.replace(path)


def read(path: Path) -> dict[str, str | int]:
    """What it says; nothing if it is missing or damaged."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
