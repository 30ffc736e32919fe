"""What a container says about itself, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass


class Malformed(Exception):
    """The file's frame is broken. The message completes the sentence "The file is no clip: …"."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Claims of the file's index: cheap to read, and not to be believed alone."""

    width: int
    height: int
    duration_ms: int | None
    codec: str  # our word for it, or "unknown"
    frames: int | None
    has_audio: bool
