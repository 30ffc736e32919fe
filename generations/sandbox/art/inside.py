"""Rooms and close-ups, as a wide open lens sees them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from random import Random

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion

#: Wall above, wall below, table, lights.
MOODS = (
    ("#2a1a1c", "#7a3f2b", "#1a0f0e", ("#ffb35a", "#ffd79a", "#ff8a4a", "#f6e3c0")),
    ("#0f1f2b", "#27566a", "#0a141c", ("#8fd3e8", "#ffd9a0", "#5aa7c8", "#f0f4ee")),
    ("#231335", "#6a2f72", "#130a1f", ("#ff8ad0", "#9a8bff", "#ffd08a", "#6fe0ff")),
    ("#16241a", "#4d6a3c", "#0c140d", ("#d9f0a0", "#fff0b8", "#9fd07a", "#ffe08a")),
)


def interior(world: World) -> list[Layer]:
    """Soft round lights in the dark behind a table edge."""
    chance = world.chance("room")
    wall, low_wall, table, lights = MOODS[_mood(world, chance)]
    back = world.layer(_wall(world, wall, low_wall, lights[0]), None, depth=0.05)
    far = _lights(world, world.chance("far lights"), lights[:3], 0.028, 60, 0.2)
    middle = _lights(world, world.chance("middle lights"), lights[1:2], 0.055, 16, 0.5)
    near = _lights(world, world.chance("near lights"), lights[3:], 0.12, 5, 1.0)
    still = [replace(layer, motion=None) for layer in far]
    return [back, *still, *middle, _table(world, table, lights[0]), *near]


def _mood(world: World, chance: Random) -> int:
    warm = {"night": 2, "dawn": 1, "day": 3}
    return warm.get(world.wish.time, 0) if chance.random() < 0.7 else chance.randrange(len(MOODS))


def _wall(world: World, high: str, low: str, light: str) -> Image.Image:
    half = world.size[0] // 2, world.size[1] // 2
    wall = brush.gradient(half, [(0.0, colour(high)), (0.62, colour(low)), (1.0, colour(high))])
    haze = brush.noise(world.chance("wall"), half, cells=(4, 3), octaves=3)
    wall = brush.shine(wall, colour(light), brush.levels(haze, 110, 210, top=60))
    x = world.sun_x / 2
    lamp = brush.glow(half, (x, half[1] * 0.42), half[1] * 0.75, power=2).point(
        [v * 6 // 10 for v in range(256)]
    )
    wall = brush.shine(wall, colour(light), lamp)
    return brush.grain(world.chance("grain"), wall.resize(world.size, Image.Resampling.BICUBIC))


def _lights(
    world: World,
    chance: Random,
    tints: tuple[str, ...],
    radius: float,
    count: int,
    depth: float,
) -> list[Layer]:
    """Discs of light out of focus, one layer for each colour, breathing slowly."""
    layers = []
    for tint in tints:
        mask = Image.new("L", world.size)
        for _ in range(count // len(tints)):
            x = chance.uniform(0, world.size[0])
            y = world.size[1] * (0.12 + 0.5 * chance.random())
            _disc(
                mask, x, y, radius * world.unit * chance.uniform(0.6, 1.3), chance.randint(50, 150)
            )
        mask = brush.blurred(mask, radius * world.unit * 0.06)
        box = mask.getbbox() or (0, 0, 2, 2)
        box = (box[0] // 2 * 2, box[1] // 2 * 2, (box[2] + 1) // 2 * 2, (box[3] + 1) // 2 * 2)
        phase, pace = chance.uniform(0, 6), chance.uniform(0.8, 1.5)
        layers.append(
            world.layer(
                colour(tint),
                mask.crop(box),
                depth=depth,
                left=box[0],
                top=box[1],
                motion=_breathing(phase, pace),
            )
        )
    return layers


def _disc(mask: Image.Image, x: float, y: float, radius: float, bright: int) -> None:
    """A blurred point of light: an even disc, a little brighter at its rim."""
    side = round(radius * 2 + 4)

    def circle(draw: ImageDraw.ImageDraw, scale: int) -> None:
        edge, far = 2 * scale, (side - 2) * scale
        rim = round(radius * 0.1 * scale)
        draw.ellipse((edge, edge, far, far), fill=min(255, bright + 40))
        draw.ellipse((edge + rim, edge + rim, far - rim, far - rim), fill=bright)

    spot = brush.drawing((side, side), circle)
    place = round(x - radius), round(y - radius)
    under = mask.crop((place[0], place[1], place[0] + side, place[1] + side))
    mask.paste(ImageChops.screen(under, spot), place)


def _breathing(phase: float, pace: float) -> Callable[[float], Motion]:
    def motion(at: float) -> Motion:
        return Motion(opacity=0.8 + 0.2 * math.sin(at * pace + phase))

    return motion


def _table(world: World, tone: str, light: str) -> Layer:
    """The edge of a table, polished enough to mirror the lamp."""
    top = round(world.horizon + 0.2 * world.unit) // 2 * 2
    size = world.size[0], world.size[1] - top
    dark = colour(tone)
    face = brush.gradient(
        size,
        [
            (0.0, mix(dark, colour(light), 0.35)),
            (0.04, mix(dark, colour(light), 0.16)),
            (1.0, dark),
        ],
    )
    streaks = brush.noise(world.chance("wood"), size, cells=(5, 60), octaves=4)
    brush.cover(face, mix(dark, (0, 0, 0), 0.5), brush.levels(streaks, 118, 180, top=110))
    lamp = brush.glow(size, (world.sun_x, 0), world.unit * 0.6, power=2.4)
    face = brush.shine(face, colour(light), lamp.point([v * 4 // 10 for v in range(256)]))
    mask = brush.fade(size, [(0.0, 0), (0.03, 255), (1.0, 255)])
    return world.layer(face, mask, depth=0.7, top=top)
