"""What stands on the near hill: a tree, a cabin, a lighthouse, someone looking at the view."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import ImageDraw

from generations.sandbox.art import brush, plants, shapes
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer, Motion

Pen = ImageDraw.ImageDraw

STANDING = ("lighthouse", "tree", "cabin", "walker", "cat", "dog")

#: Where there is a wide view to stand before.
GROUNDED = ("city", "desert", "forest", "meadow", "mountains", "sea", "snow")

DARK_TIMES = ("dawn", "dusk", "night", "storm", "sunset")


def standing(world: World) -> list[Layer]:
    """One dark knoll in a corner, away from the sun, with everything that stands on it."""
    wanted = [name for name in STANDING if name in world.wish.things]
    if not wanted or world.wish.land not in GROUNDED:
        return []
    side = -1 if world.sun_x > world.size[0] / 2 else 1
    middle = world.size[0] / 2 + side * 0.27 * world.frame[0]
    ground = world.horizon + (0.375 if world.wish.land == "city" else 0.27) * world.unit
    top = max(0, round(ground - 0.55 * world.unit) // 2 * 2)
    size = world.size[0], world.size[1] - top
    spots = _spots(wanted, middle, side, world.unit)

    def fill(draw: Pen, scale: int) -> None:
        knoll = _knoll(world, middle)
        if world.wish.land != "city":
            line = [(x * scale, (y - top) * scale) for x, y in knoll]
            draw.polygon(
                [*line, (size[0] * scale, size[1] * scale), (0, size[1] * scale)], fill=255
            )
        for name, x in spots.items():
            low = ground if world.wish.land == "city" else _height(knoll, x)
            _DRAWN[name](world, draw, x * scale, (low - top + 2) * scale, scale, -side)

    tone = world.palette.land(_SURFACE.get(world.wish.land, "#1a2a20"), 0.0)
    dark = mix(tone, (6, 8, 14), 0.55)
    feet = min(0.9, (ground - top) / size[1])
    face = brush.column(size[1], [(0.0, dark), (feet, dark), (1.0, mix(dark, (0, 0, 0), 0.4))])
    figure = world.layer(face, brush.drawing(size, fill), depth=0.92, top=top)
    return [figure, *_lights(world, spots, ground)]


_SURFACE = {"desert": "#6a4026", "sea": "#2b3440", "snow": "#8793a8", "mountains": "#1c2a26"}


def _spots(names: list[str], middle: float, side: int, unit: float) -> dict[str, float]:
    """Who stands where: large things towards the edge, the small ones towards the light."""
    places = {}
    x = middle + side * 0.06 * unit * (len(names) - 1)
    for name in names:
        places[name] = x
        x -= side * unit * (0.24 if name in ("lighthouse", "tree", "cabin") else 0.13)
    return places


def _knoll(world: World, middle: float) -> list[brush.Point]:
    """A smooth rise that falls away on both sides, out of the picture towards the sun."""
    line = brush.wave(world.chance("knoll"), 200, waves=5, octaves=3, rough=0.4)
    points = []
    for i, bump in enumerate(line):
        x = i / 199 * world.size[0]
        away = (x - middle) / world.unit
        # Towards the edge of the picture it goes on, towards the light it falls away.
        away = abs(away) / (1.9 if away * (middle - world.size[0] / 2) > 0 else 1)
        low = 0.27 + 0.30 * min(1.0, away / 0.75) ** 1.8 + 0.006 * bump
        points.append((x, world.horizon + low * world.unit))
    return points


def _height(knoll: list[brush.Point], x: float) -> float:
    return min(knoll, key=lambda point: abs(point[0] - x))[1]


def _lighthouse(world: World, draw: Pen, x: float, low: float, scale: int, side: int) -> None:
    tall = 0.34 * world.unit * scale
    wide = tall * 0.085
    draw.polygon(
        [(x - wide, low + 4), (x + wide, low + 4), (x + wide * 0.62, low - tall * 0.8),
         (x - wide * 0.62, low - tall * 0.8)],
        fill=255,
    )  # fmt: skip
    draw.rectangle((x - wide, low - tall * 0.83, x + wide, low - tall * 0.8), fill=255)
    draw.rectangle((x - wide * 0.5, low - tall * 0.93, x + wide * 0.5, low - tall * 0.8), fill=255)
    draw.polygon(
        [(x - wide * 0.7, low - tall * 0.92), (x + wide * 0.7, low - tall * 0.92), (x, low - tall)],
        fill=255,
    )


def _tree(world: World, draw: Pen, x: float, low: float, scale: int, side: int) -> None:
    chance = world.chance("lone tree")
    tall = 0.4 * world.unit * scale
    draw.polygon(
        [
            (x - tall * 0.035, low + 6),
            (x + tall * 0.035, low + 6),
            (x + tall * 0.014, low - tall * 0.5),
            (x - tall * 0.014, low - tall * 0.5),
        ],
        fill=255,
    )
    for bough in range(5):
        lean = (bough - 2) * 0.11 * tall
        draw.line(
            (x, low - tall * (0.28 + 0.03 * bough), x + lean, low - tall * 0.62),
            fill=255, width=max(2, round(tall * 0.012)),
        )  # fmt: skip
    for _ in range(260):
        angle, reach = chance.uniform(0, 2 * math.pi), math.sqrt(chance.random())
        px = x + math.cos(angle) * reach * tall * 0.36
        py = low - tall * 0.68 + math.sin(angle) * reach * tall * 0.2
        radius = tall * chance.uniform(0.008, 0.035)
        draw.ellipse((px - radius, py - radius, px + radius, py + radius), fill=255)


def _cabin(world: World, draw: Pen, x: float, low: float, scale: int, side: int) -> None:
    wide = 0.085 * world.unit * scale
    draw.rectangle((x - wide, low - wide * 0.95, x + wide, low + 6), fill=255)
    draw.polygon(
        [
            (x - wide * 1.25, low - wide * 0.9),
            (x, low - wide * 1.85),
            (x + wide * 1.25, low - wide * 0.9),
        ],
        fill=255,
    )
    chimney = x + wide * 0.55
    draw.rectangle((chimney, low - wide * 1.95, chimney + wide * 0.22, low - wide), fill=255)
    chance = world.chance("cabin")
    for away in (-2.5, -1.9, 1.9, 2.3, 2.8):
        tall = wide * chance.uniform(1.6, 3.2)
        if world.wish.land in ("forest", "mountains", "snow"):
            draw.polygon(plants.pine(chance, x + away * wide, low + wide * 0.2, tall), fill=255)
        else:
            plants.leafy(draw, chance, x + away * wide, low, tall * 0.7)


def _walker(world: World, draw: Pen, x: float, low: float, scale: int, side: int) -> None:
    shapes.stand(draw, shapes.WALKER, x, low, 0.17 * world.unit * scale, side=side)


def _cat(world: World, draw: Pen, x: float, low: float, scale: int, side: int) -> None:
    height = 0.12 * world.unit * scale
    shapes.stand(draw, shapes.CAT, x, low, height, side=side, sharp=shapes.CAT_EARS)


def _dog(world: World, draw: Pen, x: float, low: float, scale: int, side: int) -> None:
    shapes.stand(draw, shapes.DOG, x, low, 0.13 * world.unit * scale, side=side)


_DRAWN: dict[str, Callable[[World, Pen, float, float, int, int], None]] = {
    "cabin": _cabin,
    "cat": _cat,
    "dog": _dog,
    "lighthouse": _lighthouse,
    "tree": _tree,
    "walker": _walker,
}


def _lights(world: World, spots: dict[str, float], ground: float) -> list[Layer]:
    """A window of the cabin and the lamp of the lighthouse, when it is dark enough."""
    if world.wish.time not in DARK_TIMES:
        return []
    layers = []
    if "cabin" in spots:
        wide = 0.085 * world.unit
        low = _height(_knoll(world, _middle_of(world)), spots["cabin"])
        layers.append(_lamp(world, spots["cabin"], low - wide * 0.45, wide * 0.55, None))
    if "lighthouse" in spots:
        low = _height(_knoll(world, _middle_of(world)), spots["lighthouse"])
        turning = _turning
        layers.append(
            _lamp(world, spots["lighthouse"], low - 0.295 * world.unit, 0.2 * world.unit, turning)
        )
    return layers


def _middle_of(world: World) -> float:
    side = -1 if world.sun_x > world.size[0] / 2 else 1
    return world.size[0] / 2 + side * 0.27 * world.frame[0]


def _lamp(
    world: World, x: float, y: float, radius: float, motion: Callable[[float], Motion] | None
) -> Layer:
    side = round(radius * 2) // 2 * 2 + 2
    mask = brush.glow((side, side), (side / 2, side / 2), side / 2, power=2.2)
    spot = brush.glow((side, side), (side / 2, side / 2), max(3.0, side * 0.14), power=0.4)
    mask.paste(255, (0, 0), spot)
    return world.layer(
        colour("#ffd590"),
        mask,
        depth=0.92,
        left=round(x - side / 2),
        top=round(y - side / 2),
        motion=motion,
    )


def _turning(at: float) -> Motion:
    """A lamp that turns: bright when it looks at us."""
    return Motion(opacity=0.25 + 0.75 * max(0.0, math.cos(at * 2.1)) ** 3)
