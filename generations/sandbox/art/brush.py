"""
The few strokes every picture is made of. Pure: the same arguments paint the same pixels.

Pillow only, no numpy: gradients are one pixel wide and stretched, noise is random bytes enlarged,
edges are drawn twice as large and reduced.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

RGB = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]

#: Silhouettes are drawn this much larger and reduced, which smooths their edges.
OVERSAMPLING = 2

#: How many times smaller things look at the horizon than at the viewer's feet.
RECEDING = 9.0


def luck(seed: object) -> Random:
    """Chance that comes out the same every time."""
    return Random(str(seed))  # noqa: S311 - pictures, not secrets


def colour(text: str) -> RGB:
    """`#rrggbb` as numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """`one` at share 0, `other` at share 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lit(surface: RGB, light: RGB) -> RGB:
    """What a surface looks like under coloured light."""
    red, green, blue = (a * b // 255 for a, b in zip(surface, light, strict=True))
    return red, green, blue


def gradient(size: Size, stops: Sequence[tuple[float, RGB]]) -> Image.Image:
    """Colours from top (0) to bottom (1), eased between the stops so that no line shows."""
    return column(size[1], stops).resize(size, Image.Resampling.NEAREST)


def column(height: int, stops: Sequence[tuple[float, RGB]]) -> Image.Image:
    """The same gradient two pixels wide; the stage stretches it to its mask."""
    narrow = Image.new("RGB", (1, height))
    narrow.putdata([_at(stops, y / max(1, height - 1)) for y in range(height)])
    return narrow.resize((2, height), Image.Resampling.NEAREST)


def fade(size: Size, stops: Sequence[tuple[float, int]]) -> Image.Image:
    """The same for a mask."""
    grey = [(place, (value, value, value)) for place, value in stops]
    return column(size[1], grey).getchannel(0).resize(size, Image.Resampling.NEAREST)


def noise(rng: Random, size: Size, *, cells: Size, octaves: int = 4) -> Image.Image:
    """Clouds of grey around 128: `cells` random spots enlarged, then finer and fainter ones."""
    result = Image.new("L", size, 128)
    total = 0.0
    for octave in range(octaves):
        spots = min(cells[0] << octave, size[0]), min(cells[1] << octave, size[1])
        raw = Image.frombytes("L", spots, rng.randbytes(spots[0] * spots[1]))
        strength = 0.55**octave
        total += strength
        layer = raw.resize(size, Image.Resampling.BICUBIC)
        result = Image.blend(result, layer, strength / total)
    return result


def receding(texture: Image.Image, size: Size, *, near: float, far: float) -> Image.Image:
    """
    A texture laid on a plane that runs away from the viewer.

    :param near: the row of the result that is nearest, where the texture is largest.
    :param far: the row of the horizon; nothing is painted beyond it.
    """
    vanishing = (RECEDING * far - near) / (RECEDING - 1)
    share = (vanishing - near) / vanishing
    scale = share * texture.width / RECEDING / size[0]
    middle = texture.width / 2
    across = scale, -middle / vanishing, middle - scale * size[0] / 2
    along = 0.0, 0.0, share * texture.height / RECEDING
    return texture.transform(
        size,
        Image.Transform.PERSPECTIVE,
        (*across, *along, 0.0, -1 / vanishing),
        Image.Resampling.BICUBIC,
    )


def levels(mask: Image.Image, low: int, high: int, *, top: int = 255) -> Image.Image:
    """Everything below `low` becomes 0, above `high` becomes `top`, between them a soft ramp."""

    def ramp(value: int) -> int:
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return round(top * share * share * (3 - 2 * share))

    return mask.point([ramp(value) for value in range(256)])


def glow(size: Size, centre: Point, radius: float, *, power: float = 2.0) -> Image.Image:
    """A round light, 255 in the middle, fading to nothing at `radius`."""
    # Pillow's radial gradient is 181 where the disc touches the sides of its square.
    falloff = [round(255 * max(0.0, 1 - value / 181) ** power) for value in range(256)]
    disc = Image.radial_gradient("L").point(falloff)
    side = max(2, round(2 * radius))
    mask = Image.new("L", size)
    place = round(centre[0] - radius), round(centre[1] - radius)
    mask.paste(disc.resize((side, side), Image.Resampling.BICUBIC), place)
    return mask


def shine(picture: Image.Image, light: RGB, mask: Image.Image) -> Image.Image:
    """The picture with coloured light added where the mask says (a photographer's "screen")."""
    beams = [mask.point([value * part // 255 for value in range(256)]) for part in light]
    return ImageChops.screen(picture, Image.merge("RGB", beams))


def cover(picture: Image.Image, paint: RGB, mask: Image.Image) -> None:
    """Lay a colour over the picture where the mask says."""
    picture.paste(paint, (0, 0), mask)


def grain(rng: Random, picture: Image.Image, *, strength: float = 3.0) -> Image.Image:
    """Fine unevenness, which keeps smooth skies from showing steps."""
    tile = Image.frombytes("L", (256, 256), rng.randbytes(65536))
    tile = tile.point([128 + round((value - 127.5) / 127.5 * strength) for value in range(256)])
    sheet = Image.new("L", picture.size)
    for x in range(0, picture.width, 256):
        for y in range(0, picture.height, 256):
            sheet.paste(tile, (x, y))
    return ImageChops.add(picture, Image.merge("RGB", (sheet, sheet, sheet)), 1, -128)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def drawing(size: Size, draw: Callable[[ImageDraw.ImageDraw, int], None]) -> Image.Image:
    """A mask with smooth edges. `draw` is given a canvas and how much larger to draw on it."""
    large = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING))
    draw(ImageDraw.Draw(large), OVERSAMPLING)
    return large.reduce(OVERSAMPLING)


def below(size: Size, heights: Sequence[float]) -> Image.Image:
    """Everything under a line; `heights` are y values spread evenly from left to right."""
    step = size[0] / (len(heights) - 1)

    def fill(draw: ImageDraw.ImageDraw, scale: int) -> None:
        line = [(i * step * scale, y * scale) for i, y in enumerate(heights)]
        corners = [(size[0] * scale, size[1] * scale), (0, size[1] * scale)]
        draw.polygon([*line, *corners], fill=255)

    return drawing(size, fill)


def wave(
    rng: Random,
    count: int,
    *,
    waves: float,
    octaves: int = 4,
    rough: float = 0.5,
    angular: bool = False,
) -> list[float]:
    """A wandering line of `count` values between about -1 and 1, `waves` swings long."""
    line = [0.0] * count
    strength, total = 1.0, 0.0
    for octave in range(octaves):
        knots = [rng.uniform(-1, 1) for _ in range(int(waves * 2**octave) + 4)]
        for i in range(count):
            line[i] += strength * _between(knots, i / count * waves * 2**octave, angular)
        total += strength
        strength *= rough
    return [value / total * 1.6 for value in line]


def _at(stops: Sequence[tuple[float, RGB]], place: float) -> RGB:
    for (start, first), (end, second) in pairwise(stops):
        if place <= end:
            share = (place - start) / max(end - start, 1e-6)
            return mix(first, second, min(1.0, max(0.0, share)))
    return stops[-1][1]


def _between(knots: Sequence[float], place: float, angular: bool) -> float:
    index = int(place)
    share = place - index
    if not angular:
        share = (1 - math.cos(share * math.pi)) / 2
    return knots[index] * (1 - share) + knots[index + 1] * share
