"""The world below the water: light falling on a reef."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion


def underwater(world: World) -> list[Layer]:
    """Light falling through water onto a reef; replaces the sky as well."""
    back = world.layer(_depths(world), None, depth=0.05)
    reefs = (
        # foot, rise, swings, distance, depth
        (0.10, 0.16, 2.6, 0.72, 0.2),
        (0.24, 0.16, 2.0, 0.45, 0.5),
        (0.40, 0.14, 1.6, 0.12, 1.0),
    )
    rocks = [_reef(world, i, *numbers) for i, numbers in enumerate(reefs)]
    shoals = [_shoal(world, i) for i in range(3)]
    return [back, rocks[0], shoals[0], rocks[1], shoals[1], rocks[2], shoals[2], _bubbles(world)]


def _depths(world: World) -> Image.Image:
    """Blue-green water, beams of light from above."""
    chance = world.chance("depths")
    stops = [
        (0.0, "#8fe3e0"),
        (0.12, "#43b6c4"),
        (0.4, "#16799a"),
        (0.75, "#0b4468"),
        (1.0, "#062a49"),
    ]
    half = world.size[0] // 2, world.size[1] // 2
    water = brush.gradient(half, [(place, colour(text)) for place, text in stops])
    beams = Image.new("L", half)
    draw = ImageDraw.Draw(beams)
    source = world.sun_x / 2, -0.35 * half[1]
    for _ in range(16):
        aim = source[0] + chance.gauss(0, 0.4) * half[0]
        wide = chance.uniform(0.008, 0.05) * half[0]
        draw.polygon(
            [source, (aim - wide, half[1]), (aim + wide, half[1])], fill=chance.randint(30, 90)
        )
    beams = ImageChops.multiply(
        brush.blurred(beams, 7), brush.fade(half, [(0.0, 255), (0.85, 0), (1.0, 0)])
    )
    water = brush.shine(water, colour("#c9fff2"), beams)
    glow = brush.glow(half, (source[0], 0), half[1] * 0.7, power=2).point(
        [v * 7 // 10 for v in range(256)]
    )
    water = brush.shine(water, colour("#d8fff4"), glow)
    lace = brush.noise(chance, half, cells=(16, 20), octaves=3)
    near_top = brush.fade(half, [(0.0, 120), (0.22, 0), (1.0, 0)])
    lace = ImageChops.multiply(brush.levels(lace, 128, 150), near_top)
    water = brush.shine(water, colour("#ffffff"), lace)
    return brush.grain(chance, water.resize(world.size, Image.Resampling.BICUBIC))


def _reef(
    world: World, index: int, foot: float, rise: float, waves: float, distance: float, depth: float
) -> Layer:
    """A line of rock and coral with weed standing on it."""
    chance = world.chance(f"reef {index}")
    line = brush.wave(chance, 220, waves=waves, octaves=4, rough=0.5)
    heights = [world.horizon + (foot - y * rise) * world.unit for y in line]
    tall = 0.24 * world.unit * (0.4 + depth * 0.6)
    top = max(0, int(min(heights) - tall * 1.2) // 2 * 2)
    size = world.size[0], world.size[1] - top
    shifted = [y - top for y in heights]
    step = size[0] / (len(shifted) - 1)

    def weed(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for _ in range(26):
            clump = chance.uniform(0, size[0])
            for _ in range(chance.randint(3, 9)):
                x = clump + chance.gauss(0, tall * 0.16)
                root = shifted[min(len(shifted) - 1, max(0, round(x / step)))] + 6
                _frond(draw, chance, x, root, tall * chance.uniform(0.25, 1), scale)

    mask = ImageChops.lighter(brush.below(size, shifted), brush.drawing(size, weed))
    tone = mix(colour("#07222f"), colour("#1c86a3"), distance)
    foot_tone = mix(tone, colour("#0b4468"), 0.5)
    return world.layer(
        brush.column(size[1], [(0.0, tone), (1.0, foot_tone)]), mask, depth=depth, top=top
    )


def _frond(
    draw: ImageDraw.ImageDraw, chance: Random, x: float, root: float, height: float, scale: int
) -> None:
    """One leaf of seaweed, waving."""
    bend = math.sin(x * 0.05) * height * 0.12
    left, right = [], []
    for i in range(9):
        share = i / 8
        sway = math.sin(share * 4 + x) * height * 0.05 + bend * share
        wide = height * 0.03 * math.sin(math.pi * min(0.98, share * 0.85 + 0.15))
        left.append(((x + sway - wide) * scale, (root - height * share) * scale))
        right.append(((x + sway + wide) * scale, (root - height * share) * scale))
    draw.polygon([*left, *reversed(right)], fill=255)


def _shoal(world: World, index: int) -> Layer:
    """Fish swimming together across the picture."""
    chance = world.chance(f"shoal {index}")
    size = round(0.5 * world.unit) // 2 * 2, round(0.24 * world.unit) // 2 * 2
    side = chance.choice((-1, 1))
    length = world.unit * (0.022 + 0.012 * index)

    def fish(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for _ in range(16 - 4 * index):
            x = chance.uniform(length, size[0] - length)
            y = chance.uniform(length, size[1] - length)
            _fish(draw, x * scale, y * scale, length * chance.uniform(0.7, 1.2) * scale, side)

    tone = mix(colour("#0a3046"), colour("#2b93ad"), 0.65 - 0.3 * index)
    left = round(world.size[0] * chance.uniform(0.25, 0.6))
    top = round(world.horizon - world.unit * chance.uniform(0.02, 0.3))
    speed = side * world.unit * (0.03 + 0.015 * index)

    def motion(at: float) -> Motion:
        return Motion(x=speed * (at - 3), y=math.sin(at * 1.3 + index) * world.unit * 0.008)

    return world.layer(
        tone, brush.drawing(size, fish), depth=0.3 + 0.25 * index, top=top, left=left, motion=motion
    )


def _fish(draw: ImageDraw.ImageDraw, x: float, y: float, length: float, side: int) -> None:
    tall = length * 0.2
    draw.ellipse((x - length / 2, y - tall, x + length / 2, y + tall), fill=255)
    tail = x - side * length * 0.42
    draw.polygon(
        [(tail, y), (tail - side * length * 0.3, y - tall), (tail - side * length * 0.3, y + tall)],
        fill=255,
    )


def _bubbles(world: World) -> Layer:
    """Small bubbles, rising."""
    chance = world.chance("bubbles")
    size = world.frame[0] // 2 * 2, round(world.unit * 1.1) // 2 * 2

    def rings(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for _ in range(90):
            x, y = chance.uniform(0, size[0]) * scale, chance.uniform(0, size[1]) * scale
            radius = world.unit * chance.uniform(0.001, 0.006) * scale
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=200, width=scale)

    left = (world.size[0] - size[0]) // 2
    speed = 0.05 * world.unit

    def motion(at: float) -> Motion:
        return Motion(x=math.sin(at) * 4, y=-speed * at, opacity=0.55)

    return world.layer(
        colour("#d9fff8"),
        brush.drawing(size, rings),
        depth=0.8,
        left=left,
        top=world.size[1] - size[1],
        motion=motion,
    )
