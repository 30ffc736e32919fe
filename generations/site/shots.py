"""The clips on the home page: drawn by our own sandbox from these prompts (`render_shots`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shot:
    prompt: str
    directive: str
    name: str

    @property
    def wish(self) -> str:
        """What would be typed for it."""
        return f"{self.prompt} [{self.directive}]"

    @property
    def clip(self) -> str:
        return f"img/shots/{self.name}.mp4"

    @property
    def picture(self) -> str:
        return f"img/shots/{self.name}.webp"


SHOTS = [
    Shot("Hot-air balloons over a misty valley at dawn", "Pedestal up", "balloons"),
    Shot("A city skyline at night in the rain", "Truck left", "skyline"),
    Shot("A lighthouse on a cliff at sunset", "Pull out", "lighthouse"),
    Shot("Mountains at night under the northern lights", "Tilt up", "mountains"),
    Shot("A pine forest at dawn", "Push in", "forest"),
]
