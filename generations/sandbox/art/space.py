"""Space: a nebula, stars, and a planet turned towards its sun."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion


def space(world: World) -> list[Layer]:
    """A nebula, stars, and a planet with its light edge towards the sun."""
    back = world.layer(_nebula(world), None, depth=0.02)
    planet = _planet(world)
    moon = _moon(world)
    return [back, moon, planet]


def _nebula(world: World) -> Image.Image:
    chance = world.chance("nebula")
    half = world.size[0] // 2, world.size[1] // 2
    picture = brush.gradient(
        half, [(0.0, colour("#04050f")), (0.5, colour("#0b0a24")), (1.0, colour("#05030d"))]
    )
    pairs = chance.choice(
        (
            ("#3a4bd8", "#c04a9e", "#ffb27a"),
            ("#1e8f9a", "#5a4ad0", "#f2a0c8"),
            ("#b0468a", "#4a3ac0", "#ffd08a"),
        )
    )
    for i, (tint, low) in enumerate(zip(pairs, (118, 132, 158), strict=True)):
        cloud = brush.noise(chance, half, cells=(4, 3), octaves=6)
        picture = brush.shine(
            picture, colour(tint), brush.levels(cloud, low, low + 90, top=190 - 40 * i)
        )
    dust = brush.noise(chance, half, cells=(6, 5), octaves=6)
    brush.cover(picture, (3, 3, 10), brush.levels(dust, 138, 190, top=200))
    picture = picture.resize(world.size, Image.Resampling.BICUBIC)
    return brush.grain(chance, _star_field(chance, picture))


def _star_field(chance: Random, picture: Image.Image) -> Image.Image:
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(1500):
        x, y = chance.uniform(0, picture.width), chance.uniform(0, picture.height)
        bright = round(40 + 215 * chance.random() ** 4)
        radius = 0.4 + (bright / 255) ** 3 * 1.3
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=bright)
    halo = brush.blurred(brush.levels(mask, 150, 255), 6).point(
        [min(255, v * 3) for v in range(256)]
    )
    return brush.shine(picture, colour("#eef0ff"), ImageChops.lighter(mask, halo))


def _planet(world: World) -> Layer:
    """A banded planet, most of it in shadow, a thin air glowing at its edge."""
    chance = world.chance("planet")
    radius = world.unit * chance.uniform(0.34, 0.46)
    side = round(radius * 2.3) // 2 * 2
    middle = side / 2
    tones = chance.choice(
        (
            ("#e8b27a", "#a8613c", "#f3d6a8"),
            ("#6fa8d8", "#2b5a9a", "#d8ecf6"),
            ("#8ad0b8", "#2d7a78", "#e0f4e4"),
        )
    )
    bands = brush.noise(chance, (side, side), cells=(2, 13), octaves=4)
    face = Image.new("RGB", (side, side), colour(tones[0]))
    brush.cover(face, colour(tones[1]), brush.levels(bands, 118, 160))
    brush.cover(face, colour(tones[2]), brush.levels(ImageChops.invert(bands), 140, 180, top=170))
    face = face.rotate(chance.uniform(-25, 25), Image.Resampling.BICUBIC)
    towards = -1 if world.sun_x < world.size[0] / 2 else 1
    light = brush.glow(
        (side, side),
        (middle + towards * radius * 0.75, middle - radius * 0.55),
        radius * 2.0,
        power=1.1,
    )
    shade = ImageChops.invert(light)
    brush.cover(face, (4, 4, 12), shade)

    def disc(draw: ImageDraw.ImageDraw, scale: int) -> None:
        near, far = (middle - radius) * scale, (middle + radius) * scale
        draw.ellipse((near, near, far, far), fill=255)

    body = brush.drawing((side, side), disc)
    air = ImageChops.multiply(brush.blurred(body, radius * 0.045), light)
    outside = ImageChops.subtract(air, body)
    brush.cover(face, mix(colour(tones[2]), (255, 255, 255), 0.3), outside)
    mask = ImageChops.lighter(body, outside.point([min(255, v * 2) for v in range(256)]))
    left = round(world.size[0] / 2 - towards * world.frame[0] * 0.2 - middle)
    top = round(world.size[1] / 2 + world.unit * chance.uniform(0.0, 0.2) - middle)
    return world.layer(face, mask, depth=0.35, left=left, top=top)


def _moon(world: World) -> Layer:
    chance = world.chance("moon")
    radius = world.unit * 0.05
    side = round(radius * 2.4) // 2 * 2
    middle = side / 2
    towards = -1 if world.sun_x < world.size[0] / 2 else 1
    face = Image.new("RGB", (side, side), colour("#c9c5bd"))
    seas = brush.noise(chance, (side, side), cells=(5, 5), octaves=3)
    brush.cover(face, colour("#85817c"), brush.levels(seas, 118, 170))
    light = brush.glow(
        (side, side),
        (middle + towards * radius * 0.7, middle - radius * 0.5),
        radius * 2,
        power=1.1,
    )
    brush.cover(face, (4, 4, 12), ImageChops.invert(light))

    def disc(draw: ImageDraw.ImageDraw, scale: int) -> None:
        near, far = (middle - radius) * scale, (middle + radius) * scale
        draw.ellipse((near, near, far, far), fill=255)

    left = round(world.size[0] / 2 + towards * world.frame[0] * chance.uniform(0.16, 0.3))
    top = round(world.size[1] / 2 - world.unit * chance.uniform(0.2, 0.34))
    drift = world.unit * 0.004

    def motion(at: float) -> Motion:
        return Motion(x=-towards * drift * at)

    return world.layer(
        face, brush.drawing((side, side), disc), depth=0.15, left=left, top=top, motion=motion
    )
