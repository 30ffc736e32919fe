"""Rain, snow and fog: veils in front of everything, moving on."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion

_OUTSIDE = ("city", "desert", "forest", "meadow", "mountains", "sea", "snow")


def veils(world: World) -> list[Layer]:
    """What falls or drifts in this weather: one of them, as each costs time in every frame."""
    if world.wish.land not in _OUTSIDE:
        return []
    if "rain" in world.wish.weather:
        return [_falling(world, _streaks(world), speed=1.6, sway=0.0, opacity=0.42)]
    if "snowfall" in world.wish.weather:
        return [_falling(world, _flakes(world), speed=0.11, sway=0.012, opacity=0.9)]
    return [_fog(world, 0), _fog(world, 1)] if "fog" in world.wish.weather else []


def _fog(world: World, index: int) -> Layer:
    """A bank of fog lying low and drifting sideways."""
    chance = world.chance(f"fog {index}")
    spare = round(0.1 * world.unit)
    size = world.size[0] + 2 * spare, round((0.34 - 0.06 * index) * world.unit) // 2 * 2
    quarter = size[0] // 4, size[1] // 4
    bank = brush.noise(chance, quarter, cells=(6, 4), octaves=4)
    bank = brush.levels(bank, 70, 190, top=200)
    shape = brush.fade(quarter, [(0.0, 0), (0.45, 255), (0.7, 230), (1.0, 0)])
    mask = ImageChops.multiply(bank, shape).resize(size, Image.Resampling.BICUBIC)
    top = round(world.horizon + (-0.08 + 0.2 * index) * world.unit)
    speed = (1 if index else -1) * 0.012 * world.unit

    def motion(at: float) -> Motion:
        return Motion(x=speed * (at - 4))

    tone = mix(colour(world.palette.haze), (255, 255, 255), 0.1 if world.palette.moon else 0.25)
    return world.layer(tone, mask, depth=0.35 + 0.4 * index, left=-spare, top=top, motion=motion)


def _falling(
    world: World, tile: Image.Image, *, speed: float, sway: float, opacity: float
) -> Layer:
    """The tile repeated over the picture and moved down by its own height again and again."""
    rows = math.ceil(world.size[1] / tile.height) + 1
    # Wide enough for the nearest shift on either side, which no growth makes up for.
    spare = tile.width // 2 * 2
    mask = Image.new("L", (world.size[0] + 2 * spare, rows * tile.height))
    for x in range(0, mask.width, tile.width):
        for row in range(rows):
            mask.paste(tile, (x, row * tile.height))
    fall = speed * world.unit

    def motion(at: float) -> Motion:
        return Motion(
            x=math.sin(at * 0.9) * sway * world.unit,
            y=(fall * at) % tile.height - tile.height,
            opacity=opacity,
        )

    tone = mix(colour(world.palette.haze), (255, 255, 255), 0.7)
    return world.layer(tone, mask, depth=1.1, left=-spare, motion=motion, veil=True)


def _streaks(world: World) -> Image.Image:
    """Thin slanting lines that meet themselves at the tile's edges."""
    chance = world.chance("rain")
    side = round(0.5 * world.unit) // 2 * 2
    tile = Image.new("L", (side, side))
    draw = ImageDraw.Draw(tile)
    for _ in range(46):
        x, y = chance.uniform(0, side), chance.uniform(0, side)
        length = chance.uniform(0.03, 0.08) * world.unit
        for dx in (0, side):
            for dy in (0, -side):
                start = x + dx - side * (x > side / 2), y + dy
                end = start[0] - length * 0.16, start[1] + length
                draw.line((*start, *end), fill=chance.randint(70, 190), width=1)
    return brush.blurred(tile, 0.5)


def _flakes(world: World) -> Image.Image:
    """Soft dots, most of them small; none on the tile's edges."""
    chance = world.chance("snowfall")
    side = round(0.7 * world.unit) // 2 * 2

    def dots(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for _ in range(120):
            radius = world.unit * (0.0012 + 0.0045 * chance.random() ** 4)
            x = chance.uniform(radius, side - radius) * scale
            y = chance.uniform(radius, side - radius) * scale
            reach = radius * scale
            bright = chance.randint(110, 255)
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=bright)

    return brush.blurred(brush.drawing((side, side), dots), 0.8)
