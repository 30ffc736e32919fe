"""Pines, leafy trees and grass."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import Point, colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer


def pine_row(
    world: World,
    chance: Random,
    *,
    foot: float,
    tall: float,
    distance: float,
    depth: float,
) -> Layer:
    """
    Pines side by side, mist rising from their feet. Lengths in frame heights.

    :param foot: how far below the horizon they stand."""
    ground = brush.wave(chance, 64, waves=2.2, octaves=2)
    height = tall * world.unit
    low = world.horizon + foot * world.unit
    top = max(0, int(low - height * 1.45 - 0.03 * world.unit) // 2 * 2)
    size = world.size[0], world.size[1] - top

    def fill(draw: ImageDraw.ImageDraw, scale: int) -> None:
        x = -0.2 * height
        while x < size[0] + 0.2 * height:
            x += height * chance.uniform(0.07, 0.2)
            hill = ground[min(63, max(0, round(x / size[0] * 63)))] * 0.03 * world.unit
            grown = height * chance.uniform(0.55, 1.3) * _clearing(world, x)
            points = pine(chance, x, low - top + hill + grown * 0.1, grown)
            draw.polygon([(px * scale, py * scale) for px, py in points], fill=255)
        draw.polygon(_ground(ground, size, low - top, 0.03 * world.unit, scale), fill=255)

    body = world.palette.land("#1d3830", distance)
    mist = mix(body, colour(world.palette.haze), min(0.75, distance * 1.5))
    crown = max(0.02, (low - top - height * 0.5) / size[1])
    feet = min(0.98, (low - top) / size[1] + 0.02)
    face = brush.column(size[1], [(0.0, body), (crown, body), (feet, mist), (1.0, mist)])
    return world.layer(face, brush.drawing(size, fill), depth=depth, top=top)


def curtain(world: World, chance: Random, *, foot: float, tall: float, depth: float) -> list[Layer]:
    """Dark pines near the viewer at both sides, framing the view."""
    low = world.horizon + foot * world.unit
    height = tall * world.unit
    tone = world.palette.land("#1d3830", 0.0)
    layers = []
    for side in (-1, 1):
        wide = round(world.size[0] * 0.27) // 2 * 2
        left = 0 if side < 0 else world.size[0] - wide
        top = max(0, int(low - height * 1.2) // 2 * 2)
        size = wide, world.size[1] - top
        outer = 0 if side < 0 else wide
        trees = [
            pine(
                chance, outer - side * share * wide * 0.8, low - top, height * (1.15 - 0.75 * share)
            )
            for share in (
                chance.uniform(0, 0.3),
                chance.uniform(0.3, 0.6),
                chance.uniform(0.6, 0.95),
            )
        ]

        def fill(draw: ImageDraw.ImageDraw, scale: int, trees: list[list[Point]] = trees) -> None:
            for tree in trees:
                draw.polygon([(x * scale, y * scale) for x, y in tree], fill=255)

        layers.append(world.layer(tone, brush.drawing(size, fill), depth=depth, top=top, left=left))
    return layers


def tree_row(
    world: World, chance: Random, *, foot: float, tall: float, distance: float, depth: float
) -> Layer:
    """Round leafy trees in loose groups."""
    height = tall * world.unit
    low = world.horizon + foot * world.unit
    top = max(0, int(low - height * 2) // 2 * 2)
    size = world.size[0], round(height * 2.6) // 2 * 2

    def fill(draw: ImageDraw.ImageDraw, scale: int) -> None:
        x = 0.0
        while x < size[0]:
            x += height * chance.choice((0.3, 0.4, 0.5, 2.2, 3.4))
            leafy(
                draw,
                chance,
                x * scale,
                (low - top) * scale,
                height * chance.uniform(0.5, 1.2) * scale,
            )

    crown = world.palette.land("#41643a", distance)
    dark = world.palette.land("#233d2a", distance)
    face = brush.column(size[1], [(0.0, crown), (0.45, crown), (0.85, dark), (1.0, dark)])
    return world.layer(face, brush.drawing(size, fill), depth=depth, top=top)


def leafy(draw: ImageDraw.ImageDraw, chance: Random, x: float, low: float, height: float) -> None:
    """One round tree standing at (x, low)."""
    stem = height * 0.03
    draw.rectangle((x - stem, low - height * 0.5, x + stem, low + height * 0.25), fill=255)
    wide, tall = height * chance.uniform(0.26, 0.4), height * chance.uniform(0.26, 0.34)
    for _ in range(34):
        angle, reach = chance.uniform(0, 2 * math.pi), math.sqrt(chance.random())
        px = x + math.cos(angle) * reach * wide
        py = low - height * 0.62 + math.sin(angle) * reach * tall
        radius = height * chance.uniform(0.03, 0.11)
        draw.ellipse((px - radius, py - radius, px + radius, py + radius), fill=255)


def grass(
    world: World, chance: Random, surface: str, *, foot: float, depth: float, flowers: int = 60
) -> Layer:
    """Blades at the viewer's feet, bending in one wind, a few flowers among them."""
    low = world.horizon + foot * world.unit
    tall = 0.1 * world.unit
    top = min(world.size[1] - 8, int(low - tall * 1.3) // 2 * 2)
    size = world.size[0], world.size[1] - top
    wind = chance.choice((-1, 1)) * tall * 0.35

    def fill(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for _ in range(1100):
            x, root = chance.uniform(0, size[0]), low - top + chance.uniform(0, tall * 0.8)
            grown = tall * chance.uniform(0.4, 1.15)
            draw.polygon(_blade(x, root, grown, wind * chance.uniform(0.3, 1.3), scale), fill=255)
        draw.rectangle(
            (0, (low - top + tall * 0.3) * scale, size[0] * scale, size[1] * scale), fill=255
        )

    lightest = mix(world.palette.land(surface, 0.0), colour(world.palette.glow), 0.16)
    dark = world.palette.land("#142414", 0.0)
    face = brush.gradient(
        size, [(0.0, lightest), (min(0.9, tall * 1.4 / size[1]), dark), (1.0, dark)]
    )
    mask = brush.drawing(size, fill)
    _flowers(world, chance, face, mask, flowers)
    return world.layer(face, mask, depth=depth, top=top)


def _flowers(
    world: World, chance: Random, face: Image.Image, mask: Image.Image, count: int
) -> None:
    tint = chance.choice(("#f4f0e6", "#e9b83c", "#d9534f", "#b58be0", "#ef8fb0"))
    petals = Image.new("L", face.size)
    draw = ImageDraw.Draw(petals)
    for _ in range(count):
        x = chance.uniform(0, face.width)
        y = chance.uniform(0.02, 0.5) * face.height
        radius = world.unit * chance.uniform(0.002, 0.0055)
        draw.ellipse((x - radius, y - radius * 0.8, x + radius, y + radius * 0.8), fill=235)
    petals = brush.blurred(petals, 0.8)
    brush.cover(face, world.palette.land(tint, 0.0), petals)
    mask.paste(255, (0, 0), petals)


def _blade(x: float, root: float, height: float, bend: float, scale: int) -> list[Point]:
    wide = height * 0.035
    points = [
        (x - wide, root),
        (x + bend * 0.3 - wide * 0.7, root - height * 0.6),
        (x + bend, root - height),
        (x + bend * 0.3 + wide * 0.7, root - height * 0.6),
        (x + wide, root),
    ]
    return [(px * scale, py * scale) for px, py in points]


def pine(chance: Random, x: float, low: float, height: float) -> list[Point]:
    """The outline of one pine: tiers of branches, wider towards the foot, none alike."""
    tiers = 9 + min(17, round(height / 45))
    slim = chance.uniform(0.15, 0.2)
    left: list[Point] = []
    right: list[Point] = []
    for tier in range(1, tiers + 1):
        share = tier / tiers
        y = low - height * (1 - share * 0.93)
        wide = height * slim * share**0.9
        for side, edge in ((-1, left), (1, right)):
            reach = wide * chance.uniform(0.7, 1.15)
            edge.append((x + side * wide * 0.42, y - height * 0.3 / tiers))
            edge.append((x + side * reach, y + height * chance.uniform(0.05, 0.2) / tiers))
    stem = height * 0.012
    foot = [
        (x + stem, low - height * 0.07),
        (x + stem, low + height * 0.1),
        (x - stem, low + height * 0.1),
        (x - stem, low - height * 0.07),
    ]
    return [(x, low - height), *right, *foot, *reversed(left)]


def _ground(
    line: list[float], size: brush.Size, low: float, swing: float, scale: int
) -> list[Point]:
    """The earth the row stands on."""
    count = len(line)
    top = [
        (i / (count - 1) * size[0] * scale, (low + y * swing) * scale) for i, y in enumerate(line)
    ]
    return [*top, (size[0] * scale, size[1] * scale), (0, size[1] * scale)]


def _clearing(world: World, x: float) -> float:
    """Trees in front of the sun are shorter, so that it is seen."""
    return 0.5 + 0.5 * min(1.0, abs(x - world.sun_x) / world.unit / 0.45)
