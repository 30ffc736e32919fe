"""A painted layer, and the colours of video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from PIL import Image

from generations.sandbox.art.brush import RGB, Size

#: RGB to limited-range BT.709, the colours of HD video.
_BT709 = (
    (0.1826, 0.6142, 0.0620, 16.0),
    (-0.1006, -0.3386, 0.4392, 128.0),
    (0.4392, -0.3989, -0.0403, 128.0),
)


class Motion(NamedTuple):
    """How a layer has moved of itself at some moment; pixels of the painted world."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Layer:
    """
    Something painted. `x`, `y` place its corner; (0, 0) is the middle of the frame at rest.

    :param paint: a picture, one two pixels wide to be stretched, or one colour for all of `mask`.
    :param mask: where it is; None means everywhere. Sizes are even.
    :param depth: 0 far, 1 near; see `camera.parallax`.
    :param motion: what it does of itself, by seconds.
    :param veil: rain or snow in front of the lens: it never grows, and only brightens.
    """

    paint: Image.Image | RGB
    mask: Image.Image | None
    x: float
    y: float
    depth: float
    motion: Callable[[float], Motion] | None = None
    veil: bool = False

    @property
    def size(self) -> Size:
        known = self.mask or self.paint
        return known.size if isinstance(known, Image.Image) else (0, 0)

    def trimmed(self) -> Layer:
        """Without the rows and columns where nothing is."""
        box = self.mask.getbbox() if self.mask else None
        if box is None or self.mask is None:
            return self
        left, top, right, low = (
            box[0] // 2 * 2,
            box[1] // 2 * 2,
            box[2] + box[2] % 2,
            box[3] + box[3] % 2,
        )
        paint = self.paint
        if isinstance(paint, Image.Image):
            wide = paint.width == self.mask.width
            paint = paint.crop((left, top, right, low) if wide else (0, top, paint.width, low))
        mask = self.mask.crop((left, top, right, low))
        return replace(self, paint=paint, mask=mask, x=self.x + left, y=self.y + top)


def planes(picture: Image.Image) -> tuple[Image.Image, Image.Image, Image.Image]:
    """Y at full size, U and V at half."""
    flat = tuple(number for row in _BT709 for number in row)
    luma, blue, red = picture.convert("RGB").convert("RGB", flat).split()
    return luma, blue.reduce(2), red.reduce(2)


def yuv(colour: RGB) -> tuple[int, int, int]:
    """One colour in the same numbers."""
    luma, blue, red = (
        round(sum(part * value for part, value in zip(row, (*colour, 1), strict=True)))
        for row in _BT709
    )
    return luma, blue, red
