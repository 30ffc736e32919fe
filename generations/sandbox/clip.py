"""What is to be rendered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clip:
    """
    Everything that decides the bytes of a file. Sizes in pixels.

    :param quality: 20 to 99, as Runware counts it.
    :param variation: 0 to 3, another picture of the same prompt.
    :param image: the path of a first frame.
    """

    prompt: str
    seconds: float
    width: int
    height: int
    format: str = "mp4"
    quality: int = 95
    variation: int = 0
    image: str | None = None
