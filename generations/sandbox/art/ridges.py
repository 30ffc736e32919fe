"""Lines of mountains and dunes, lit from the sun's side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer

#: Points of a ridge line; enough that no corner shows at 1080P.
POINTS = 320


def mountain_range(
    world: World,
    chance: Random,
    surface: str,
    rise: float,
    foot: float,
    waves: float,
    distance: float,
    depth: float,
    snow_share: float,
) -> Layer:
    """One mountain range: sharp ridges, slopes lit from the sun's side, mist at its foot."""
    ridge = _sharp(
        chance, brush.wave(chance, POINTS, waves=waves, octaves=6, rough=0.42, angular=True)
    )
    ridge = [value * room for value, room in zip(ridge, _room(world), strict=True)]
    lowest = world.horizon + foot * world.unit
    heights = [lowest - value * rise * world.unit for value in ridge]
    top, size = extent(world, heights)
    line = [y - top for y in heights]
    mask = brush.below(size, line)
    crest = world.palette.land(surface, distance)
    mist = mix(crest, colour(world.palette.haze), 0.75)
    face = brush.gradient(
        size, [(0.0, crest), (min(0.95, rise * world.unit / size[1] + 0.1), mist), (1.0, mist)]
    )
    if snow_share:
        white = world.palette.snow(distance * 0.6)
        brush.cover(face, white, _caps(chance, size, line, ridge, snow_share))
    _flanks(world, chance, face, line, strength=1 - distance * 0.7)
    return world.layer(face, mask, depth=depth, top=top)


def dune(
    world: World,
    chance: Random,
    surface: str,
    foot: float,
    rise: float,
    waves: float,
    distance: float,
    depth: float,
) -> Layer:
    ridge = _sharp(chance, brush.wave(chance, POINTS, waves=waves, octaves=2, rough=0.22))
    heights = [world.horizon + (foot - value * rise) * world.unit for value in ridge]
    top, size = extent(world, heights)
    line = [y - top for y in heights]
    crest = world.palette.land(surface, distance)
    shade = mix(crest, world.palette.land("#5a2f3a", distance), 0.5)
    face = brush.gradient(
        size, [(0.0, mix(crest, colour(world.palette.glow), 0.3)), (0.35, crest), (1.0, shade)]
    )
    ripples = brush.noise(chance, (size[0] // 2, size[1] // 2), cells=(10, 40), octaves=3)
    brush.cover(face, shade, brush.levels(ripples, 128, 190, top=60).resize(size))
    _flanks(world, chance, face, line, strength=0.85, reaches=(26,), soft=True)
    return world.layer(face, brush.below(size, line), depth=depth, top=top)


def _sharp(chance: Random, line: Sequence[float]) -> list[float]:
    """Folded so that the swings meet in peaks; about 0 at the foot, about 1 at the tops."""
    ground = brush.wave(chance, len(line), waves=1.7, octaves=2)
    return [
        1 - min(1.0, abs(value) * 1.25) ** 0.9 + 0.16 * low
        for value, low in zip(line, ground, strict=True)
    ]


def _room(world: World) -> list[float]:
    """Lower in front of the sun, so that it stands in a gap."""
    away = (abs(i / POINTS * world.size[0] - world.sun_x) / world.unit for i in range(POINTS))
    return [0.42 + 0.58 * min(1.0, (distance / 0.55) ** 1.3) for distance in away]


def extent(world: World, heights: Sequence[float]) -> tuple[int, brush.Size]:
    """The first row a line needs (even), and the size from there to the world's bottom."""
    top = max(0, int(min(heights)) // 2 * 2 - 4)
    return top, (world.size[0], max(4, world.size[1] - top))


def _flanks(
    world: World,
    chance: Random,
    face: Image.Image,
    line: Sequence[float],
    *,
    strength: float,
    reaches: tuple[int, ...] = (9, 22),
    soft: bool = False,
) -> None:
    """
    The side of every peak that turns away from the sun lies in shadow, down to its valley.

    :param reaches: how many points around it a peak must tower over.
    :param soft: sand, whose edges are curves.
    """
    dark = Image.new("L", face.size)
    draw = ImageDraw.Draw(dark)
    step = face.width / (len(line) - 1)
    for reach in reaches:
        for peak in _peaks(line, reach):
            side = 1 if peak * step > world.sun_x else -1
            valley = _valley(line, peak, side, reach)
            if line[valley] - line[peak] < 0.02 * world.unit:
                continue
            ridge = [(i * step, line[i] - 2) for i in range(peak, valley + side, side)]
            spine = _crest if soft else _spine
            edge = spine(chance, ridge[0], ridge[-1], world.unit)
            draw.polygon([*ridge, *reversed(edge)], fill=min(255, 90 + reach * 5))
    end = min(0.9, 0.42 * world.unit / face.height)
    fall = brush.fade(face.size, [(0.0, 255), (end, 0), (1.0, 0)])
    shown = ImageChops.multiply(brush.blurred(dark, 1.2), fall)
    shade = world.palette.land("#1a2036", 0.12)
    brush.cover(face, shade, shown.point([round(v * 0.8 * strength) for v in range(256)]))


def _peaks(line: Sequence[float], reach: int) -> list[int]:
    """Points higher than everything within `reach` of them."""
    inside = range(reach, len(line) - reach)
    return [i for i in inside if line[i] <= min(line[i - reach : i + reach + 1])]


def _valley(line: Sequence[float], peak: int, side: int, reach: int) -> int:
    """The lowest point on one side before the next rise of that size."""
    place = peak
    while 0 <= place + side < len(line) and abs(place - peak) < reach * 5:
        ahead = line[place + side : place + side * (reach + 1) : side]
        if not ahead or max(ahead) < line[place]:
            break
        place += side
    return place if place != peak else min(len(line) - 1, max(0, peak + side))


def _spine(chance: Random, top: brush.Point, valley: brush.Point, unit: float) -> list[brush.Point]:
    """A ragged line from a peak down, leaning towards its shadow."""
    foot = valley[1] + 0.03 * unit
    lean = (valley[0] - top[0]) * 0.42
    count = 9
    points = [top]
    for i in range(1, count + 1):
        share = i / count
        jag = (-1) ** i * chance.uniform(0.1, 0.5) * lean * 0.35
        points.append((top[0] + lean * share + jag, top[1] + (foot - top[1]) * share))
    return points


def _crest(chance: Random, top: brush.Point, valley: brush.Point, unit: float) -> list[brush.Point]:
    """A dune's crest: a curve from the peak towards the viewer, ending beyond the valley."""
    lean = (valley[0] - top[0]) * chance.uniform(0.9, 1.3)
    swing = (valley[0] - top[0]) * chance.uniform(-0.28, -0.12)
    fall = valley[1] - top[1] + chance.uniform(0.1, 0.2) * unit
    shares = [i / 24 for i in range(25)]
    return [
        (top[0] + lean * share**2 + swing * math.sin(share * math.pi * 1.6), top[1] + fall * share)
        for share in shares
    ]


def _caps(
    chance: Random, size: brush.Size, line: Sequence[float], ridge: Sequence[float], share: float
) -> Image.Image:
    """Snow from the ridge down, deeper on higher peaks, ragged below."""
    ragged = brush.wave(chance, len(line), waves=46, octaves=3, rough=0.7)
    reach = max(line) - min(line)
    under = [
        y + reach * share * max(0.0, value - (1 - share) * 0.62) * (0.9 + 0.4 * rag)
        for y, value, rag in zip(line, ridge, ragged, strict=True)
    ]
    step = size[0] / (len(line) - 1)

    def fill(draw: ImageDraw.ImageDraw, scale: int) -> None:
        upper = [(i * step * scale, y * scale - 4) for i, y in enumerate(line)]
        lower = [(i * step * scale, y * scale) for i, y in enumerate(under)]
        draw.polygon([*upper, *reversed(lower)], fill=235)

    return brush.drawing(size, fill)
