"""
The stage: painted layers one behind another, photographed by the camera into video planes.

Everything happens in the planes a video codec wants (Y at full size, U and V at half), which is a
third of the work of doing it in RGB. Positions are fractions of pixels, so slow moves do not
tremble. Three things keep it cheap: what a nearer layer hides is not drawn, what is solid is drawn
without its mask, and what has moved by less than can be seen is not drawn anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageChops

from generations.sandbox.art.brush import Size
from generations.sandbox.camera import View
from generations.sandbox.layers import Layer, Motion, planes, yuv

Planes = Sequence[Image.Image]


Box = tuple[int, int, int, int]


#: A layer is drawn anew when one of its corners has moved by this much, in pixels.
VISIBLE = 0.34


class Stage:
    """Layers from far to near, ready to be photographed at one frame size."""

    def __init__(self, layers: Sequence[Layer], *, size: Size, smooth: bool = False) -> None:
        """`smooth`: a photograph, worth the dearer interpolation."""
        self.size = size
        sampling = Image.Resampling.BICUBIC if smooth else Image.Resampling.BILINEAR
        self._props = [_Prop(layer, frame=size, sampling=sampling) for layer in layers]

    def shoot(self, view: View, at: float, onto: Planes) -> None:
        """Draw one moment onto the three planes, which may be wider than the frame."""
        floor = self.size[1]
        plan: list[tuple[_Prop, Place, int]] = []
        for prop in reversed(self._props):
            place = prop.place(view, at)
            plan.append((prop, place, floor))
            floor = min(floor, prop.hides_from(place))
        for prop, place, bottom in reversed(plan):
            prop.draw(place, bottom, onto)


class Place(NamedTuple):
    """Where a layer's corner falls in the frame, how large it is, and how opaque."""

    x: float
    y: float
    scale: float
    opacity: float

    def near(self, other: Place, size: Size) -> bool:
        """Whether nobody could see the difference."""
        growth = (self.scale - other.scale) * max(size)
        return (
            max(abs(self.x - other.x), abs(self.y - other.y)) < VISIBLE
            and max(abs(self.x - other.x + growth), abs(self.y - other.y + growth)) < VISIBLE
        )


class _Prop:
    """A layer as planes."""

    def __init__(self, layer: Layer, *, frame: Size, sampling: Image.Resampling) -> None:
        # The painting itself is not kept: its planes are a third of its size.
        self._layer = replace(layer, paint=(0, 0, 0))
        self._frame = frame
        self._sampling = sampling
        self._size = layer.size
        self._paint = planes(layer.paint) if isinstance(layer.paint, Image.Image) else None
        self._colour = yuv(layer.paint) if isinstance(layer.paint, tuple) else (0, 0, 0)
        self._solid_from = _solid_from(layer.mask)
        self._cached: dict[tuple[Box, int], Image.Image] = {}
        self._settled = Place(0, 0, 0, 0)

    def place(self, view: View, at: float) -> Place:
        """Where it is now, or still is, as far as anyone can see."""
        now = self._moved(view, at)
        if not now.near(self._settled, self._size):
            self._settled = now
            self._cached.clear()
        return self._settled._replace(opacity=now.opacity)

    def _moved(self, view: View, at: float) -> Place:
        layer = self._layer
        motion = layer.motion(at) if layer.motion else Motion()
        shift_x, shift_y = view.shift(layer.depth)
        scale = 1.0 if layer.veil else view.scale(layer.depth)
        # A layer grows around its own middle, the picture around the frame's.
        grown = (motion.scale - 1) / 2
        x = layer.x + motion.x - self._size[0] * grown - shift_x * self._frame[0]
        y = layer.y + motion.y - self._size[1] * grown - shift_y * self._frame[1]
        x, y = x * scale + self._frame[0] / 2, y * scale + self._frame[1] / 2
        if layer.veil:
            x, y = _even_down(x), _even_down(y)
        return Place(x, y, scale * motion.scale, motion.opacity)

    def hides_from(self, place: Place) -> int:
        """The row from which nothing behind this layer can be seen."""
        wide = place.x <= 0 and place.x + self._size[0] * place.scale >= self._frame[0]
        if not wide or place.opacity < 1:
            return self._frame[1]
        return self._solid_row(place)

    def draw(self, place: Place, bottom: int, onto: Planes) -> None:
        if place.opacity <= 0:
            return
        left, top, right, low = self._window(place, bottom)
        solid = min(low, max(top, self._solid_row(place))) if place.opacity >= 1 else low
        for window, mask in (
            ((left, top, right, solid), self._layer.mask),
            ((left, solid, right, low), None),
        ):
            if right > left and window[3] > window[1]:
                self._lay(window, mask, place, onto)

    def _lay(self, window: Box, mask: Image.Image | None, place: Place, onto: Planes) -> None:
        """Draw the part of the layer that falls into the window onto each plane."""
        for index, canvas in enumerate(onto[:1] if self._layer.veil else onto):
            half = 1 if index == 0 else 2
            left, top, right, low = (edge // half for edge in window)
            drawn = self._mask(mask, window, half, place) if mask else None
            if self._paint is None:
                canvas.paste(self._colour[index], (left, top, right, low), drawn)
            else:
                piece = self._cut(self._paint[index], place, window, half, key=index)
                canvas.paste(piece, (left, top), drawn)

    def _mask(self, mask: Image.Image, window: Box, half: int, place: Place) -> Image.Image:
        piece = self._cut(mask, place, window, 1, key=3)
        if half == 2:
            piece = piece.reduce(2)
        if place.opacity >= 1:
            return piece
        return piece.point(_faded(round(place.opacity * 255)))

    def _window(self, place: Place, bottom: int) -> Box:
        """The part of the frame it covers, on even pixels so that all planes agree."""
        left = max(0, _even_up(place.x))
        top = max(0, _even_up(place.y))
        right = min(_even_down(self._frame[0]), _even_down(place.x + self._size[0] * place.scale))
        low = min(_even_up(bottom), _even_down(place.y + self._size[1] * place.scale))
        return left, top, right, low

    def _solid_row(self, place: Place) -> int:
        if self._solid_from is None:
            return self._frame[1]
        return max(0, _even_up(place.y + self._solid_from * place.scale + 1))

    def _cut(
        self, plane: Image.Image, place: Place, window: Box, half: int, *, key: int
    ) -> Image.Image:
        """The part of a plane that falls into the window, at the window's size."""
        found = self._cached.get((window, key))
        if found is None:
            found = self._cached[window, key] = self._resized(plane, place, window, half)
        return found

    def _resized(self, plane: Image.Image, place: Place, window: Box, half: int) -> Image.Image:
        left, top, right, low = window
        box = (
            max(0.0, (left - place.x) / place.scale / half),
            max(0.0, (top - place.y) / place.scale / half),
            min(float(plane.width), (right - place.x) / place.scale / half),
            min(float(plane.height), (low - place.y) / place.scale / half),
        )
        size = (right - left) // half, (low - top) // half
        if self._layer.veil:
            return plane.crop(
                (round(box[0]), round(box[1]), round(box[0]) + size[0], round(box[1]) + size[1])
            )
        if plane.width <= 2 < self._size[0]:
            strip = plane.resize(
                (plane.width, size[1]), self._sampling, box=(0, box[1], plane.width, box[3])
            )
            return strip.resize(size, Image.Resampling.NEAREST)
        return plane.resize(size, self._sampling, box=box)


@cache
def _faded(level: int) -> list[int]:
    """What each value of a mask becomes at one of 256 levels of opacity."""
    return [round(value * level / 255) for value in range(256)]


def _solid_from(mask: Image.Image | None) -> int | None:
    """The row below which a mask is all there; None when it never is."""
    if mask is None:
        return 0
    holes = ImageChops.invert(mask).getbbox()
    if holes is None:
        return 0
    return holes[3] if holes[3] < mask.height else None


def _even_up(value: float) -> int:
    return math.ceil(value / 2) * 2


def _even_down(value: float) -> int:
    return math.floor(value / 2) * 2
