"""A city across the water: towers, lit windows, and all of it upside down in the river."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw

from generations.sandbox.art import brush
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer

#: By these lights people are at home.
DARK_TIMES = ("dusk", "night", "storm", "sunset")


def city(world: World) -> list[Layer]:
    """Three rows of buildings; the two nearer ones and their lights stand in the river too."""
    rows = (
        # tall, wide, distance, depth
        (0.30, 0.055, 0.62, 0.10),
        (0.40, 0.075, 0.36, 0.16),
        (0.26, 0.10, 0.14, 0.22),
    )
    towers = [_row(world, world.chance(f"row {i}"), *numbers) for i, numbers in enumerate(rows)]
    river = _river(world, towers)
    quay = _quay(world)
    return [*towers, river, quay]


def _row(
    world: World, chance: Random, tall: float, wide: float, distance: float, depth: float
) -> Layer:
    """Buildings side by side from one edge of the world to the other."""
    height = round(tall * world.unit * 1.35) // 2 * 2
    top = (world.horizon - height) // 2 * 2
    # A little deeper than the waterline, which does not move as the buildings do.
    size = world.size[0], (world.horizon + round(0.03 * world.unit) - top) // 2 * 2
    boxes = _boxes(chance, size, tall * world.unit, wide * world.unit)

    def fill(draw: ImageDraw.ImageDraw, scale: int) -> None:
        for left, roof, right, style in boxes:
            _tower(draw, left * scale, roof * scale, right * scale, size[1] * scale, style)

    tone = world.palette.land("#3a4356", distance)
    foot = mix(tone, colour(world.palette.haze), 0.3 + distance * 0.3)
    face = brush.gradient(size, [(0.0, tone), (0.6, tone), (1.0, foot)])
    _sides(world, face, boxes, distance)
    _windows(world, chance, face, boxes, distance)
    return world.layer(face, brush.drawing(size, fill), depth=depth, top=top)


def _boxes(
    chance: Random, size: brush.Size, tall: float, wide: float
) -> list[tuple[float, float, float, int]]:
    """Left edge, roof, right edge and style of each building; the tallest stand in the middle."""
    boxes = []
    x = -wide
    while x < size[0]:
        right = x + wide * chance.uniform(0.55, 1.3)
        middle = 1 - abs((x + right) / 2 / size[0] - 0.5) * 1.3
        height = tall * (0.28 + 0.72 * chance.random() ** 1.5) * (0.45 + 0.75 * middle)
        boxes.append((x, max(6.0, size[1] - height), right, chance.randrange(6)))
        x = right + wide * chance.choice((0, 0, 0.05, 0.2))
    return boxes


def _tower(
    draw: ImageDraw.ImageDraw, left: float, roof: float, right: float, low: float, style: int
) -> None:
    """One building; its style is the shape of its top."""
    wide = right - left
    draw.rectangle((left, roof, right, low), fill=255)
    middle = (left + right) / 2
    if style == 1:
        draw.rectangle((left + wide * 0.2, roof - wide * 0.25, right - wide * 0.2, roof), fill=255)
        draw.line(
            (middle, roof - wide * 0.7, middle, roof), fill=255, width=max(2, int(wide * 0.03))
        )
    elif style == 2:
        draw.polygon([(left, roof), (right, roof), (right, roof - wide * 0.35)], fill=255)
    elif style == 3:
        draw.polygon([(left, roof), (right, roof), (middle, roof - wide * 0.5)], fill=255)
        draw.line((middle, roof - wide, middle, roof), fill=255, width=max(2, int(wide * 0.03)))
    elif style == 4:
        draw.rectangle((left + wide * 0.12, roof - wide * 0.14, left + wide * 0.5, roof), fill=255)


def _sides(
    world: World,
    face: Image.Image,
    boxes: list[tuple[float, float, float, int]],
    distance: float,
) -> None:
    """The walls that turn away from the sun are darker; those towards it catch its colour."""
    dark, bright = Image.new("L", face.size), Image.new("L", face.size)
    pens = ImageDraw.Draw(dark), ImageDraw.Draw(bright)
    for left, roof, right, style in boxes:
        sunward = 1 if world.sun_x > (left + right) / 2 else 0
        part = (right - left) * 0.3
        edge = (right - part, right) if not sunward else (left, left + part)
        pens[0].rectangle((edge[0], roof - part, edge[1], face.height), fill=120 + style * 12)
        rim = (left, left + 2) if not sunward else (right - 2, right)
        pens[1].rectangle((rim[0], roof, rim[1], face.height), fill=150)
    brush.cover(face, world.palette.land("#12141f", distance), dark)
    faded = ImageChops.multiply(bright, brush.fade(face.size, [(0.0, 255), (0.9, 0), (1.0, 0)]))
    brush.cover(face, colour(world.palette.glow), faded)


def _windows(
    world: World,
    chance: Random,
    face: Image.Image,
    boxes: list[tuple[float, float, float, int]],
    distance: float,
) -> None:
    """Rows of windows: lit where it is dark, otherwise only a shade."""
    dark = world.wish.time in DARK_TIMES
    panes = {tint: Image.new("L", face.size) for tint in ("#ffd98a", "#fff1cf", "#9fd8ff")}
    pens = [ImageDraw.Draw(mask) for mask in panes.values()]
    step = max(3.0, world.unit * 0.0105)
    for left, roof, right, style in boxes:
        lively = chance.uniform(0.1, 0.45) * (1 - distance) if dark else 0.75
        favourite = 0 if style else 2
        y = roof + step
        while y < face.height - step * 0.5:
            x = left + step * 0.7
            while x < right - step:
                if chance.random() < lively:
                    pen = pens[favourite if chance.random() < 0.8 else 1]
                    fill = chance.randint(90, 255) if dark else 60
                    pen.rectangle((x, y, x + step * 0.42, y + step * 0.5), fill=fill)
                x += step
            y += step * 1.25
    for tint, mask in panes.items():
        strong = mask.point([round(v * (1 - distance * 0.6)) for v in range(256)])
        brush.cover(face, colour(tint) if dark else world.palette.land("#20283a", distance), strong)
        if dark:
            halo = brush.blurred(strong, world.unit * 0.008).point(
                [min(255, v * 2) for v in range(256)]
            )
            face.paste(brush.shine(face, colour(tint), halo))


def _river(world: World, towers: list[Layer]) -> Layer:
    """Water that mirrors the sky's lowest colours and the buildings, blurred downwards."""
    size = world.size[0], (world.size[1] - world.horizon) // 2 * 2
    tones = [colour(text) for text in world.palette.sky]
    stops = [(0.0, tones[-1]), (0.3, tones[-2]), (0.75, tones[1]), (1.0, tones[0])]
    mirror = brush.gradient(size, [(place, mix(tone, (8, 12, 24), 0.3)) for place, tone in stops])
    for tower in towers:
        _mirrored(tower, mirror, lower=round(0.03 * world.unit))
    mirror = _stretched(mirror)
    ripples = brush.noise(world.chance("river"), world.sheet(1500, 500), cells=(50, 120), octaves=4)
    ripples = brush.receding(ripples, size, near=size[1] * 1.02, far=-size[1] * 0.02)
    fading = brush.fade(size, [(0.0, 60), (0.3, 160), (1.0, 220)])
    dark = ImageChops.multiply(brush.levels(ripples, 128, 190, top=140), fading)
    bright = ImageChops.multiply(brush.levels(ImageChops.invert(ripples), 140, 200, top=70), fading)
    brush.cover(mirror, mix(tones[0], (0, 0, 0), 0.5), dark)
    brush.cover(mirror, tones[-1], bright)
    return world.layer(mirror, None, depth=0.3, top=world.horizon)


def _mirrored(tower: Layer, mirror: Image.Image, *, lower: int) -> None:
    """Buildings upside down; `lower` is how deep they stand in the water."""
    if isinstance(tower.paint, Image.Image) and tower.mask is not None:
        mask = tower.mask.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        flipped = tower.paint.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        mirror.paste(flipped, (0, -lower), mask.point([v * 9 // 10 for v in range(256)]))


def _stretched(mirror: Image.Image) -> Image.Image:
    """Reflections smear downwards: blurred along one axis only."""
    low = mirror.resize((mirror.width, max(2, mirror.height // 14)), Image.Resampling.BOX)
    smeared = low.resize(mirror.size, Image.Resampling.BICUBIC)
    return Image.blend(mirror, brush.blurred(smeared, 1.5), 0.72)


def _quay(world: World) -> Layer:
    """The near bank: a railing with lamps."""
    chance = world.chance("quay")
    low = round(world.horizon + 0.375 * world.unit)
    tall = 0.13 * world.unit
    top = int(low - tall * 1.3) // 2 * 2
    size = world.size[0], world.size[1] - top

    lamps = list(range(round(chance.uniform(0, 300)), size[0], round(0.46 * world.unit)))

    def fill(draw: ImageDraw.ImageDraw, scale: int) -> None:
        ground = (low - top) * scale
        rail = ground - 0.028 * world.unit * scale
        draw.rectangle((0, ground, size[0] * scale, size[1] * scale), fill=255)
        draw.rectangle((0, rail, size[0] * scale, rail + 0.004 * world.unit * scale), fill=255)
        for x in range(0, size[0], max(4, round(0.03 * world.unit))):
            draw.rectangle((x * scale, rail, (x + 1.6) * scale, ground), fill=255)
        for x in lamps:
            thin = 0.0022 * world.unit * scale
            head = ground - tall * scale
            draw.rectangle((x * scale - thin, head, x * scale + thin, ground), fill=255)
            draw.ellipse(
                (x * scale - thin * 4, head - thin * 4, x * scale + thin * 4, head + thin * 4),
                fill=255,
            )

    tone = world.palette.land("#141821", 0.0)
    face = Image.new("RGB", size, tone)
    mask = brush.drawing(size, fill)
    if world.wish.time in DARK_TIMES:
        for x in lamps:
            spot = brush.glow(size, (x, low - top - tall), 0.012 * world.unit, power=0.5)
            brush.cover(face, colour("#ffe3a8"), spot)
            halo = brush.glow(size, (x, low - top - tall), 0.07 * world.unit, power=2.4)
            mask = ImageChops.lighter(mask, halo.point([v * 6 // 10 for v in range(256)]))
            face = brush.shine(face, colour("#ffca7a"), halo)
    return world.layer(face, mask, depth=0.95, top=top)
