"""The sea with the sky in it."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush, sky
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion


def sea(world: World) -> list[Layer]:
    """Water to the horizon: the light's path glitters on it, and the near waves roll."""
    size = world.size[0], (world.size[1] - world.horizon) // 2 * 2
    texture = _ripples(world, size)
    water = world.layer(_surface(world, size, texture), None, depth=0.3, top=world.horizon)
    glitter = [_glitter(world, size, part) for part in range(2)]
    return [_coast(world), water, *glitter, _roller(world)]


def _ripples(world: World, size: brush.Size) -> Image.Image:
    """Waves of light and dark, smaller towards the horizon."""
    texture = brush.noise(
        world.chance("ripples"), world.sheet(1600, 700), cells=(60, 110), octaves=4
    )
    return brush.receding(texture, size, near=size[1] * 1.02, far=-size[1] * 0.02)


def _surface(world: World, size: brush.Size, ripples: Image.Image) -> Image.Image:
    """The sky upside down and darker, broken by ripples."""
    tones = [colour(text) for text in world.palette.sky]
    deep = world.palette.land("#1d6f86", 0.0)
    near = mix(deep, tones[0], 0.5)
    stops = [(0.0, mix(tones[-1], deep, 0.2)), (0.1, mix(tones[-2], deep, 0.35))]
    stops += [(0.4, mix(tones[2], deep, 0.62)), (1.0, mix(near, tones[1], 0.15))]
    water = brush.gradient(size, stops)
    fading = brush.fade(size, [(0.0, 40), (0.12, 150), (0.5, 200), (1.0, 150)])
    bright = ImageChops.multiply(brush.levels(ripples, 138, 196), fading)
    dark = ImageChops.multiply(brush.levels(ImageChops.invert(ripples), 134, 196), fading)
    brush.cover(water, mix(near, (0, 0, 0), 0.45), dark.point([v // 2 for v in range(256)]))
    brush.cover(water, mix(tones[-1], tones[1], 0.35), bright.point([v // 2 for v in range(256)]))
    return brush.grain(world.chance("water grain"), water, strength=2)


def _glitter(world: World, size: brush.Size, part: int) -> Layer:
    """One half of the sun's broken reflection; the halves fade into each other and back."""
    chance = world.chance(f"glitter {part}")
    texture = brush.noise(chance, world.sheet(1600, 700), cells=(90, 150), octaves=3)
    sparks = brush.receding(texture, size, near=size[1] * 1.02, far=-size[1] * 0.02)
    middle, _ = sky.sun(world)
    path = Image.new("L", size)
    draw = ImageDraw.Draw(path)
    # The path is narrow at the horizon and widens towards the viewer.
    narrow, wide = world.unit * 0.045, world.unit * 0.2
    draw.polygon(
        [
            (middle - narrow, 0),
            (middle + narrow, 0),
            (middle + wide, size[1]),
            (middle - wide, size[1]),
        ],
        fill=255,
    )
    path = ImageChops.multiply(
        brush.blurred(path, world.unit * 0.03),
        brush.fade(size, [(0.0, 255), (0.5, 190), (0.85, 30), (1.0, 0)]),
    )
    strength = 150 if world.palette.moon or world.wish.time == "storm" else 255
    mask = ImageChops.multiply(brush.levels(sparks, 120, 168, top=strength), path)
    tint = mix(colour(world.palette.star), colour(world.palette.glow), 0.3)
    left = max(0, int(middle - wide * 1.5) // 2 * 2)
    right = min(size[0], left + int(wide * 3) // 2 * 2)
    mask = mask.crop((left, 0, right, size[1]))
    return world.layer(
        tint, mask, depth=0.3, top=world.horizon, left=left, motion=_shimmer(part * math.pi)
    )


def _shimmer(phase: float) -> Callable[[float], Motion]:
    def motion(at: float) -> Motion:
        return Motion(opacity=0.62 + 0.38 * math.sin(at * 2.6 + phase))

    return motion


def _roller(world: World) -> Layer:
    """The nearest wave, swaying, a little foam on its crest."""
    chance = world.chance("roller")
    low = world.horizon + 0.4 * world.unit
    line = brush.wave(chance, 200, waves=3, octaves=3, rough=0.4)
    heights = [low - abs(y) ** 0.8 * 0.045 * world.unit for y in line]
    top = int(min(heights)) // 2 * 2 - 4
    size = world.size[0], world.size[1] - top
    shifted = [y - top for y in heights]
    tones = [colour(text) for text in world.palette.sky]
    deep = mix(mix(world.palette.land("#1d6f86", 0.0), tones[0], 0.5), tones[1], 0.12)
    stops = [(0.0, mix(deep, tones[-1], 0.3)), (0.2, deep), (1.0, mix(deep, (0, 0, 0), 0.4))]
    face = brush.gradient(size, stops)
    foam = brush.noise(chance, size, cells=(90, 50), octaves=3)
    rim = [y + 0.006 * world.unit for y in shifted]
    edge = ImageChops.subtract(brush.below(size, shifted), brush.below(size, rim))
    lace = ImageChops.multiply(edge, brush.levels(foam, 118, 160, top=120))
    brush.cover(
        face, mix(colour("#ffffff"), colour(world.palette.haze), 0.5), brush.blurred(lace, 0.9)
    )
    reach = 0.014 * world.unit

    def motion(at: float) -> Motion:
        return Motion(x=math.sin(at * 1.2) * reach * 1.6, y=math.cos(at * 1.2) * reach)

    return world.layer(face, brush.below(size, shifted), depth=0.95, top=top, motion=motion)


def _coast(world: World) -> Layer:
    """A far headland on the side the sun is not."""
    chance = world.chance("coast")
    side = -1 if world.sun_x > world.size[0] / 2 else 1
    count = 240
    line = brush.wave(chance, count, waves=3, octaves=5, rough=0.45, angular=True)
    reach = [max(0.0, side * (i / count - 0.5) - 0.06) * 2.4 for i in range(count)]
    rise = [
        min(1.0, share) * (0.55 + 0.45 * value) * 0.14 * world.unit
        for share, value in zip(reach, line, strict=True)
    ]
    top = (world.horizon - int(0.16 * world.unit)) // 2 * 2
    size = world.size[0], (world.horizon - top) // 2 * 2 + 2
    heights = [size[1] - max(0.0, y) for y in rise]
    tone = world.palette.land("#5a6678", 0.5)
    foot = mix(tone, colour(world.palette.haze), 0.5)
    face = brush.gradient(size, [(0.0, tone), (1.0, foot)])
    return world.layer(face, brush.below(size, heights), depth=0.1, top=top)
