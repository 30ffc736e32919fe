"""Is this the clip that was ordered? The one question asked before anybody is charged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from generations.media.probe import NotAVideo, Probe, probe

#: How far from the order a clip's length may be (DESIGN section 4).
TOLERANCE_MS = 1000


def judge_clip(
    path: Path,
    *,
    expected_format: str,
    expected_duration: int,
    expected_size: tuple[int, int] | None = None,
    full_decode: bool = True,
    timeout: float = 300.0,
) -> Probe:
    """
    The facts of a clip that may be delivered: of the ordered type by its own magic, whole,
    decodable to its last frame (unless `full_decode` is off), and within a second of the ordered
    `expected_duration` in seconds. Other pixel sizes are only noted, because image-to-video keeps
    its frame's ratio.

    :raises NotAVideo: saying what is wrong.
    """
    facts = probe(path, expected_format=expected_format, full_decode=full_decode, timeout=timeout)
    if abs(facts.duration_ms - expected_duration * 1000) > TOLERANCE_MS:
        lasts = f"it lasts {facts.duration_ms / 1000:g} s instead of {expected_duration} s"
        raise NotAVideo("wrong_duration", lasts)
    return replace(facts, notes=tuple(_notes(facts, expected_size)))


def _notes(facts: Probe, expected_size: tuple[int, int] | None) -> list[str]:
    if expected_size in (None, (facts.width, facts.height)):
        return []
    wanted = "x".join(map(str, expected_size or ()))
    return [f"The pictures are {facts.width}x{facts.height} pixels; {wanted} was ordered."]
