"""What passes by: sailing boats and birds."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush, shapes
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion


def boat(world: World) -> list[Layer]:
    """A sailing boat on the water, rocking, its white sails towards the light."""
    tall = 0.24 * world.unit
    size = round(tall * 1.1) // 2 * 2, round(tall * 1.15) // 2 * 2
    water = tall * 1.02
    middle = size[0] / 2
    sails = world.palette.land("#fff6e6", 0.06)
    face = Image.new("RGB", size, sails)
    paint = ImageDraw.Draw(face)
    paint.polygon(
        [(middle - tall * 0.01, 0), (middle + tall * 0.5, water), (middle - tall * 0.01, water)],
        fill=mix(sails, (20, 20, 40), 0.16),
    )
    hull = [
        (middle - tall * 0.36, water * 0.86),
        (middle + tall * 0.42, water * 0.86),
        (middle + tall * 0.3, water),
        (middle - tall * 0.26, water),
    ]
    paint.rectangle((0, water * 0.845, *size), fill=world.palette.land("#39222a", 0.0))

    def outline(draw: ImageDraw.ImageDraw, scale: int) -> None:
        def big(points: list[brush.Point]) -> list[brush.Point]:
            return [(x * scale, y * scale) for x, y in points]

        draw.polygon(
            big(
                [
                    (middle - tall * 0.02, tall * 0.03),
                    (middle - tall * 0.02, water * 0.82),
                    (middle - tall * 0.33, water * 0.82),
                ]
            ),
            fill=250,
        )
        draw.polygon(
            big(
                [
                    (middle + tall * 0.015, 0),
                    (middle + tall * 0.015, water * 0.82),
                    (middle + tall * 0.4, water * 0.82),
                    (middle + tall * 0.22, water * 0.45),
                ]
            ),
            fill=250,
        )
        draw.rectangle(
            (
                *big([(middle - tall * 0.008, 0)])[0],
                *big([(middle + tall * 0.006, water * 0.9)])[0],
            ),
            fill=255,
        )
        draw.polygon(big(hull), fill=255)

    side = -1 if world.sun_x > world.size[0] / 2 else 1
    left = world.size[0] / 2 + side * 0.12 * world.frame[0] - size[0] / 2
    top = world.horizon + 0.085 * world.unit - water
    speed = -side * 0.008 * world.unit

    def motion(at: float) -> Motion:
        return Motion(x=speed * at, y=math.sin(at * 1.5) * 0.005 * world.unit)

    mask = brush.drawing(size, outline)
    below = mask.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((size[0], size[1] // 4 * 2))
    below = ImageChops.multiply(
        brush.blurred(below, 3), brush.fade(below.size, [(0.0, 150), (1.0, 0)])
    )
    mirror = face.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(below.size)
    return [
        world.layer(
            mirror, below, depth=0.42, left=round(left), top=round(top + water), motion=motion
        ),
        world.layer(face, mask, depth=0.42, left=round(left), top=round(top), motion=motion),
    ]


def birds(world: World) -> list[Layer]:
    """A loose flock gliding away."""
    chance = world.chance("birds")
    size = round(0.5 * world.unit) // 2 * 2, round(0.26 * world.unit) // 2 * 2

    def flock(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for i in range(13):
            x = size[0] * (0.5 + (i % 2 * 2 - 1) * i * 0.032) + chance.uniform(-6, 6)
            y = size[1] * (0.14 + i * 0.055) + chance.uniform(-5, 5)
            wide = world.unit * chance.uniform(0.011, 0.018) * scale
            lift = chance.uniform(0.5, 1.3)
            bird = [
                (x * scale + px * wide, y * scale - py * wide * lift)
                for px, py in shapes.curve(shapes.BIRD)
            ]
            draw.polygon(bird, fill=255)

    side = -1 if world.sun_x > world.size[0] / 2 else 1
    tone = mix(world.palette.land("#1d2430", 0.25), colour(world.palette.sky[1]), 0.12)
    left = world.size[0] / 2 - side * 0.02 * world.frame[0] - size[0] / 2
    speed = side * 0.03 * world.unit

    def motion(at: float) -> Motion:
        return Motion(x=speed * (at - 3), y=-0.008 * world.unit * at + math.sin(at * 2) * 2)

    return [
        world.layer(
            tone,
            brush.drawing(size, flock),
            depth=0.3,
            left=round(left),
            top=round(world.size[1] / 2 - 0.34 * world.unit),
            motion=motion,
        )
    ]
