"""Skies: the gradient, the sun or moon with its light, clouds, stars and northern lights."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour
from generations.sandbox.art.canvas import World

#: Skies are soft: painted at half size and enlarged.
HALF = 2


def paint(world: World) -> Image.Image:
    """The whole sky, as large as the world."""
    palette = world.palette
    size = world.size[0] // HALF, world.size[1] // HALF
    sky = brush.gradient(size, _stops(world, size[1]))
    if palette.stars and "rain" not in world.wish.weather:
        sky = _milky_way(world, sky)
    if "aurora" in world.wish.weather:
        sky = _aurora(world, sky)
    sky = _light(world, sky)
    sky = _clouds(world, sky)
    sky = sky.resize(world.size, Image.Resampling.BICUBIC)
    _disc(world, sky)
    if palette.stars:
        sky = _stars(world, sky)
    return brush.grain(world.chance("grain"), sky)


def sun(world: World) -> tuple[float, float]:
    """Where the sun or moon stands."""
    return world.sun_x, world.horizon - world.palette.height * world.unit


def _stops(world: World, height: int) -> list[tuple[float, brush.RGB]]:
    colours = [colour(text) for text in world.palette.sky]
    horizon = world.horizon / HALF / height
    places = [horizon * (i / (len(colours) - 1)) ** 0.85 for i in range(len(colours))]
    return [*zip(places, colours, strict=True), (1.0, colour(world.palette.haze))]


def _light(world: World, sky: Image.Image) -> Image.Image:
    """Light around the sun: a wide one hugging the horizon, and a near one."""
    x, y = (value / HALF for value in sun(world))
    unit = world.unit / HALF
    light = colour(world.palette.glow)
    strength = 0.45 if world.palette.moon else 1.0
    wide = brush.glow(sky.size, (x, y), unit * 1.1, power=2.2)
    wide = wide.point([round(value * 0.5 * strength) for value in range(256)])
    near = brush.glow(sky.size, (x, y), unit * 0.4, power=2.6)
    near = near.point([round(value * 0.8 * strength) for value in range(256)])
    return brush.shine(brush.shine(sky, light, wide), light, near)


def _disc(world: World, sky: Image.Image) -> None:
    """The sun or moon itself; a storm hides it."""
    if world.wish.time == "storm":
        return
    x, y = sun(world)
    radius = world.unit * (0.045 if world.palette.moon else 0.06)
    side = round(radius * 2.4)

    def circle(draw: ImageDraw.ImageDraw, scale: int) -> None:
        edge = 0.2 * radius * scale
        far = edge + 2 * radius * scale
        draw.ellipse((edge, edge, far, far), fill=255)

    mask = brush.blurred(brush.drawing((side, side), circle), radius * 0.03)
    face = Image.new("RGB", (side, side), colour(world.palette.star))
    if world.palette.moon:
        seas = brush.noise(world.chance("moon"), (side, side), cells=(4, 4), octaves=3)
        brush.cover(face, colour("#c9cdd0"), brush.levels(seas, 120, 180, top=150))
    sky.paste(face, (round(x - side / 2), round(y - side / 2)), mask)


def _clouds(world: World, sky: Image.Image) -> Image.Image:
    """Long clouds, thicker where the palette is cloudy, lit from the sun's side."""
    mask = _cloud_mask(world, sky.size)
    # The same clouds a little lower are their own shaded undersides.
    lower = Image.new("L", mask.size)
    lower.paste(mask, (round(sky.height * 0.004), round(sky.height * 0.018)))
    shade = ImageChops.darker(lower, mask).point([round(v * 0.75) for v in range(256)])
    brush.cover(sky, colour(world.palette.cloud), mask)
    brush.cover(sky, colour(world.palette.cloud_shade), shade)
    x, y = (value / HALF for value in sun(world))
    bright = brush.glow(sky.size, (x, y), world.unit * 0.5, power=1.6)
    return brush.shine(sky, colour(world.palette.glow), ImageChops.multiply(bright, mask))


def _cloud_mask(world: World, size: brush.Size) -> Image.Image:
    """A ceiling of clouds running towards the horizon."""
    chance = world.chance("clouds")
    texture = brush.noise(chance, world.sheet(1400, 900), cells=(22, 16), octaves=5)
    horizon = world.horizon / HALF
    shape = brush.receding(texture, size, near=-0.15 * horizon, far=0.98 * horizon)
    low = 150 - round(world.palette.cover * 50)
    mask = brush.levels(shape, low, low + 46, top=225)
    share = world.horizon / world.size[1]
    fading = [(0.0, 255), (share * 0.6, 235), (share * 0.96, 0), (1.0, 0)]
    return ImageChops.multiply(mask, brush.fade(size, fading))


def _milky_way(world: World, sky: Image.Image) -> Image.Image:
    """A slanting band of faint light."""
    chance = world.chance("milky way")
    band = Image.new("L", (sky.width, sky.height))
    heart = [(0.0, 0), (0.5, 255), (1.0, 0)]
    strip = brush.fade((round(sky.width * 1.6), round(sky.height * 0.5)), heart)
    angle = chance.choice((-1, 1)) * chance.uniform(22, 34)
    strip = strip.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    band.paste(strip, ((sky.width - strip.width) // 2, (sky.height - strip.height) // 2 - 60))
    dust = brush.noise(chance, sky.size, cells=(7, 6), octaves=5)
    dust = brush.levels(dust, 95, 175, top=round(110 * world.palette.stars))
    share = world.horizon / world.size[1]
    dust = ImageChops.multiply(
        dust, brush.fade(sky.size, [(0.0, 255), (share * 0.5, 255), (share, 0), (1.0, 0)])
    )
    return brush.shine(sky, colour("#aebbe8"), ImageChops.multiply(band, dust))


def _stars(world: World, sky: Image.Image) -> Image.Image:
    """Many faint stars, few bright ones, none near the horizon."""
    chance = world.chance("stars")
    mask = Image.new("L", world.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(round(900 * world.palette.stars)):
        x = chance.uniform(0, world.size[0])
        y = world.horizon * 0.92 * chance.random() ** 1.25
        height = 1 - y / world.horizon
        bright = round(40 + 215 * chance.random() ** 5 * min(1.0, 0.35 + height))
        radius = 0.5 + (bright / 255) ** 3 * 1.1
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=bright)
    halo = brush.blurred(brush.levels(mask, 150, 255), 5).point(
        [min(255, v * 3) for v in range(256)]
    )
    return brush.shine(sky, colour("#f4f2ff"), ImageChops.lighter(mask, halo))


def _aurora(world: World, sky: Image.Image) -> Image.Image:
    """Curtains of green and violet."""
    chance = world.chance("aurora")
    for tint, height in (("#3dffb0", 0.5), ("#7a5cff", 0.34), ("#36e0c8", 0.6)):
        curtain = Image.new("L", sky.size)
        draw = ImageDraw.Draw(curtain)
        line = brush.wave(chance, sky.width, waves=1.6, octaves=3)
        rays = brush.wave(chance, sky.width, waves=28, octaves=2)
        base = sky.height * chance.uniform(0.34, 0.46)
        for x in range(sky.width):
            foot = base + line[x] * sky.height * 0.13
            top = foot - sky.height * height * (0.6 + 0.35 * rays[x])
            power = 120 + 80 * math.sin(x / sky.width * math.pi) * (0.7 + 0.5 * rays[x])
            for part in range(6):
                share = part / 6
                edge = foot + (top - foot) * share
                draw.line(
                    (x, edge, x, foot + (top - foot) * (share + 1 / 6)),
                    fill=max(0, round(power * (1 - share) ** 1.6)),
                )
        sky = brush.shine(sky, colour(tint), brush.blurred(curtain, 5))
    return sky
