"""Lights in the dark: fireworks and fireflies."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion


def fireworks(world: World) -> list[Layer]:
    """Bursts that open, fade and come again."""
    layers = []
    for i, tint in enumerate(("#ffd27a", "#8fd8ff")):
        chance = world.chance(f"burst {i}")
        side = round(world.unit * chance.uniform(0.28, 0.4)) // 2 * 2
        mask = _burst(world, f"burst {i}", side)
        left = world.size[0] / 2 + chance.uniform(-0.38, 0.38) * world.frame[0] - side / 2
        top = world.horizon - chance.uniform(0.42, 0.55) * world.unit - side * 0.35
        layers.append(
            world.layer(colour(tint), mask, depth=0.08, left=round(left), top=round(top),
                        motion=_opening(chance.uniform(0, 1), chance.uniform(2.2, 3.0)))
        )  # fmt: skip
    return layers


def fireflies(world: World) -> list[Layer]:
    """Warm points of light wandering near the viewer."""
    chance = world.chance("fireflies")
    size = world.frame[0] // 2 * 2, round(0.34 * world.unit) // 2 * 2
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for _ in range(40):
        x, y = chance.uniform(0, size[0]), chance.uniform(0, size[1])
        radius = world.unit * chance.uniform(0.0013, 0.0036)
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=chance.randint(120, 255)
        )
    halo = brush.blurred(mask, world.unit * 0.008).point([min(255, v * 6) for v in range(256)])
    left, top = (world.size[0] - size[0]) // 2, round(world.horizon - 0.05 * world.unit)

    def motion(at: float) -> Motion:
        return Motion(
            x=math.sin(at * 0.7) * world.unit * 0.02,
            y=math.cos(at * 0.9) * world.unit * 0.014,
            opacity=0.7 + 0.3 * math.sin(at * 2.2),
        )

    mask = ImageChops.lighter(mask, halo)
    return [world.layer(colour("#ffe08a"), mask, depth=0.7, left=left, top=top, motion=motion)]


def _burst(world: World, name: str, side: int) -> Image.Image:
    """Sparks flying outwards from one point, drooping a little."""
    chance = world.chance(name + " sparks")
    middle = side / 2

    def sparks(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for i in range(46):
            angle = i / 46 * 2 * math.pi + chance.uniform(-0.06, 0.06)
            reach = middle * chance.choice((0.55, 0.75, 0.93)) * chance.uniform(0.92, 1)
            for part in range(10):
                share = 0.25 + 0.75 * part / 9
                x = middle + math.cos(angle) * reach * share
                y = middle + math.sin(angle) * reach * share + 0.1 * middle * share**2
                radius = world.unit * 0.0022 * (0.4 + share * 0.8) * scale
                draw.ellipse(
                    (
                        x * scale - radius,
                        y * scale - radius,
                        x * scale + radius,
                        y * scale + radius,
                    ),
                    fill=round(255 * share),
                )

    mask = brush.drawing((side, side), sparks)
    halo = brush.blurred(mask, 5).point([min(255, v * 2) for v in range(256)])
    return ImageChops.lighter(mask, halo)


def _opening(start: float, period: float) -> Callable[[float], Motion]:
    def motion(at: float) -> Motion:
        share = (at / period + start) % 1
        opened = 1 - (1 - share) ** 3
        return Motion(
            y=share * share * 18, scale=0.25 + 0.75 * opened, opacity=max(0.0, 1 - share) ** 0.8
        )

    return motion
