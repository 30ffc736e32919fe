"""The world a picture is painted in: larger than the frame, so that the camera can move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image

from generations.sandbox.art.brush import RGB, Size, luck
from generations.sandbox.art.palettes import Palette
from generations.sandbox.art.words import Wish
from generations.sandbox.camera import REACH
from generations.sandbox.layers import Layer, Motion


@dataclass(frozen=True, slots=True)
class World:
    """
    One picture in the making. Painters measure in frame heights (`unit`) from the world's corner.

    :param size: of the world in pixels, even.
    :param unit: pixels in one frame height.
    :param horizon: the row where sky and land meet.
    """

    wish: Wish
    palette: Palette
    frame: Size
    size: Size
    unit: float
    horizon: int
    sun_x: float

    def chance(self, subject: str) -> Random:
        """A stream of luck of its own for each subject: a change to one leaves the others alone."""
        return luck(f"{self.wish.seed}:{subject}")

    def sheet(self, width: int, height: int) -> Size:
        """The size of a texture that is `width` by `height` pixels fine in a 768P picture."""
        return max(64, round(width * self.unit / 768)), max(64, round(height * self.unit / 768))

    def layer(
        self,
        paint: Image.Image | RGB,
        mask: Image.Image | None,
        *,
        depth: float,
        top: int = 0,
        left: int = 0,
        motion: Callable[[float], Motion] | None = None,
        veil: bool = False,
    ) -> Layer:
        """A layer whose corner lies `left`, `top` in the world."""
        x, y = left - self.size[0] / 2, top - self.size[1] / 2
        return Layer(paint, mask, x, y, depth, motion, veil)


def new_world(wish: Wish, palette: Palette, frame: Size) -> World:
    width, height = (_even(side * (1 + 2 * REACH)) for side in frame)
    chance = luck(f"{wish.seed}:world")
    # Thirds please the eye: the horizon a little below the middle, the sun left or right of it.
    horizon = round(height * 0.5 + frame[1] * chance.uniform(0.06, 0.12))
    sun_x = width / 2 + chance.choice((-1, 1)) * frame[0] * chance.uniform(0.1, 0.24)
    return World(wish, palette, frame, (width, height), float(frame[1]), horizon, sun_x)


def _even(value: float) -> int:
    return round(value / 2) * 2
