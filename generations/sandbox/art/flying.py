"""What flies: kites, balloons, airships."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.art.words import COLOURS
from generations.sandbox.layers import Layer, Motion


def kite(world: World) -> list[Layer]:
    """A paper kite with a long tail, swaying on the wind."""
    one, two = (colour(text) for text in world.wish.colours)
    size = round(0.36 * world.unit) // 2 * 2, round(0.62 * world.unit) // 2 * 2
    face = Image.new("RGB", size, one)
    tall = 0.2 * world.unit
    x, y = size[0] * 0.5, tall * 0.55
    wing = tall * 0.36
    corners = {
        "top": (x, y - tall * 0.4),
        "left": (x - wing, y),
        "right": (x + wing, y),
        "low": (x, y + tall * 0.62),
    }
    paint = ImageDraw.Draw(face)
    paint.polygon([corners["top"], corners["right"], (x, y)], fill=two)
    paint.polygon([corners["low"], corners["left"], (x, y)], fill=two)
    paint.polygon([corners["low"], corners["right"], (x, y)], fill=mix(one, (0, 0, 0), 0.18))
    paint.line([corners["left"], corners["right"]], fill=mix(one, (0, 0, 0), 0.5), width=2)
    paint.line([corners["top"], corners["low"]], fill=mix(one, (0, 0, 0), 0.5), width=2)
    bows = [
        (x + math.sin(i * 0.9) * tall * 0.16, corners["low"][1] + i * tall * 0.17)
        for i in range(1, 12)
    ]
    for i, (bx, by) in enumerate(bows):
        paint.rectangle((bx - 12, by - 8, bx + 12, by + 8), fill=two if i % 2 else one)

    def outline(draw: ImageDraw.ImageDraw, scale: int) -> None:
        ring = [corners[name] for name in ("top", "right", "low", "left")]
        draw.polygon([(px * scale, py * scale) for px, py in ring], fill=255)
        tail = [corners["low"], *bows]
        draw.line(
            [(px * scale, py * scale) for px, py in tail], fill=200, width=scale, joint="curve"
        )
        for i, (bx, by) in enumerate(bows):
            half = tall * 0.045 * (1 - i / 24)
            draw.polygon(
                [
                    ((bx - half) * scale, (by - half * 0.7) * scale),
                    (bx * scale, by * scale),
                    ((bx - half) * scale, (by + half * 0.7) * scale),
                ],
                fill=245,
            )
            draw.polygon(
                [
                    ((bx + half) * scale, (by - half * 0.7) * scale),
                    (bx * scale, by * scale),
                    ((bx + half) * scale, (by + half * 0.7) * scale),
                ],
                fill=245,
            )

    side = -1 if world.sun_x > world.size[0] / 2 else 1
    mask = brush.drawing(size, outline).rotate(side * 14, Image.Resampling.BICUBIC, center=(x, y))
    face = face.rotate(side * 14, Image.Resampling.BICUBIC, center=(x, y), fillcolor=one)
    left = world.size[0] / 2 + side * 0.14 * world.frame[0] - size[0] / 2
    top = world.size[1] / 2 - 0.36 * world.unit
    return [
        world.layer(_lit(world, face), mask, depth=0.55, left=round(left), top=round(top),
                    motion=_swaying(0.03 * world.unit, 0.018 * world.unit, 0.9))
    ]  # fmt: skip


def balloon(world: World) -> list[Layer]:
    """Three hot-air balloons at different distances, rising slowly."""
    places = ((0.12, 0.15, -0.24, 0.30), (-0.22, 0.02, -0.32, 0.16), (0.30, 0.30, -0.05, 0.10))
    side = -1 if world.sun_x > world.size[0] / 2 else 1
    pairs = list(COLOURS.values())
    layers = []
    for i, (right, _, down, tall) in enumerate(places):
        pair = world.wish.colours if i == 0 else world.chance(f"balloon {i}").choice(pairs)
        sprite, mask = _balloon(world, tall * world.unit, pair, distance=0.45 - tall)
        layers.append(
            world.layer(
                sprite, mask, depth=0.12 + tall * 1.4,
                left=round(world.size[0] / 2 + side * right * world.frame[0] - sprite.width / 2),
                top=round(world.size[1] / 2 + down * world.unit),
                motion=_rising(0.010 * world.unit * (0.5 + tall * 3), i),
            )
        )  # fmt: skip
    return layers


def airship(world: World) -> list[Layer]:
    """A long airship gliding across."""
    size = round(0.52 * world.unit) // 2 * 2, round(0.2 * world.unit) // 2 * 2
    one, two = (colour(text) for text in world.wish.colours)
    hull = (0.07 * size[0], 0.12 * size[1], 0.97 * size[0], 0.72 * size[1])
    stops = [
        (0.1, mix(two, (255, 255, 255), 0.35)),
        (0.4, two),
        (0.62, mix(one, (0, 0, 0), 0.3)),
        (0.8, mix(one, (0, 0, 0), 0.6)),
    ]
    face = brush.gradient(size, [(0.0, stops[0][1]), *stops, (1.0, stops[-1][1])])
    paint = ImageDraw.Draw(face)
    for rib in range(1, 9):
        x = hull[0] + (hull[2] - hull[0]) * rib / 9
        paint.line((x, hull[1], x, hull[3]), fill=mix(one, (0, 0, 0), 0.35), width=1)

    def outline(draw: ImageDraw.ImageDraw, scale: int) -> None:
        draw.ellipse([value * scale for value in hull], fill=255)
        middle = (hull[1] + hull[3]) / 2 * scale
        for way in (-1, 1):
            draw.polygon(
                [
                    (0.18 * size[0] * scale, middle),
                    (0.02 * size[0] * scale, middle + way * 0.33 * size[1] * scale),
                    (0.01 * size[0] * scale, middle + way * 0.1 * size[1] * scale),
                ],
                fill=255,
            )
        draw.rounded_rectangle(
            (
                0.42 * size[0] * scale,
                0.74 * size[1] * scale,
                0.62 * size[0] * scale,
                0.86 * size[1] * scale,
            ),
            4 * scale,
            fill=255,
        )
        for x in (0.44, 0.52, 0.6):
            draw.line(
                (
                    x * size[0] * scale,
                    0.6 * size[1] * scale,
                    x * size[0] * scale,
                    0.76 * size[1] * scale,
                ),
                fill=255,
                width=scale,
            )

    side = -1 if world.sun_x > world.size[0] / 2 else 1
    mask = brush.drawing(size, outline)
    if side > 0:
        face, mask = (image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in (face, mask))
    speed = -side * 0.022 * world.unit

    def motion(at: float) -> Motion:
        return Motion(x=speed * (at - 3), y=math.sin(at * 0.8) * 0.006 * world.unit)

    left = world.size[0] / 2 + side * 0.16 * world.frame[0] - size[0] / 2
    return [
        world.layer(
            _lit(world, face),
            mask,
            depth=0.4,
            left=round(left),
            top=round(world.size[1] / 2 - 0.3 * world.unit),
            motion=motion,
        )
    ]


def _lit(world: World, face: Image.Image) -> Image.Image:
    """A bright thing in this light: tinted, but less than the land, so that it draws the eye."""
    tint = mix(colour(world.palette.ambient), (255, 255, 255), 0.45)
    return ImageChops.multiply(face, Image.new("RGB", face.size, tint))


def _balloon(
    world: World, tall: float, pair: tuple[str, str], *, distance: float
) -> tuple[Image.Image, Image.Image]:
    """An envelope in stripes with a basket below it."""
    size = round(tall * 0.86) // 2 * 2 + 2, round(tall * 1.02) // 2 * 2 + 2
    one, two = (colour(text) for text in pair)
    middle, radius = size[0] / 2, tall * 0.4
    face = Image.new("RGB", size, one)
    paint = ImageDraw.Draw(face)
    for i, share in enumerate((1.0, 0.78, 0.5, 0.2)):
        wide = radius * share
        paint.ellipse((middle - wide, 0, middle + wide, tall * 0.95), fill=two if i % 2 else one)
    paint.rectangle((0, tall * 0.86, *size), fill=(70, 44, 30))
    towards = -1 if world.sun_x < world.size[0] / 2 else 1
    light = brush.glow(size, (middle + towards * radius * 0.5, tall * 0.25), tall * 0.75, power=1.2)
    shade = ImageChops.invert(light).point([v * 5 // 10 for v in range(256)])
    brush.cover(face, (24, 16, 40), shade)
    face = Image.blend(
        _lit(world, face), Image.new("RGB", size, colour(world.palette.haze)), max(0.0, distance)
    )

    def outline(draw: ImageDraw.ImageDraw, scale: int) -> None:
        def big(*values: float) -> list[float]:
            return [value * scale for value in values]

        draw.ellipse(big(middle - radius, 1, middle + radius, radius * 2), fill=255)
        draw.polygon(
            big(middle - radius * 0.93, radius * 1.35, middle + radius * 0.93, radius * 1.35,
                middle + radius * 0.2, tall * 0.86, middle - radius * 0.2, tall * 0.86),
            fill=255,
        )  # fmt: skip
        basket = radius * 0.15
        draw.rectangle(big(middle - basket, tall * 0.91, middle + basket, tall * 0.985), fill=255)
        for way in (-1, 1):
            draw.line(
                big(middle + way * basket, tall * 0.92, middle + way * radius * 0.18, tall * 0.85),
                fill=220,
                width=scale,
            )

    return face, brush.drawing(size, outline)


def _swaying(x: float, y: float, pace: float) -> Callable[[float], Motion]:
    def motion(at: float) -> Motion:
        return Motion(x=math.sin(at * pace) * x, y=math.sin(at * pace * 1.7 + 1) * y)

    return motion


def _rising(speed: float, phase: float) -> Callable[[float], Motion]:
    def motion(at: float) -> Motion:
        return Motion(x=math.sin(at * 0.5 + phase) * 6, y=-speed * at)

    return motion
