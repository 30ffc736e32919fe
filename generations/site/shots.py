"""The frames on the home page: drawn by our own sandbox from these prompts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shot:
    prompt: str
    directive: str
    picture: str


SHOTS = [
    Shot("Hot-air balloons over a misty valley at dawn", "Pedestal up", "img/shots/balloons.webp"),
    Shot("A city skyline at night in the rain", "Truck left", "img/shots/skyline.webp"),
    Shot("A lighthouse on a cliff at sunset", "Pull out", "img/shots/lighthouse.webp"),
    Shot("Mountains under the northern lights", "Tilt up", "img/shots/mountains.webp"),
    Shot("A pine forest at dawn", "Push in", "img/shots/forest.webp"),
]
