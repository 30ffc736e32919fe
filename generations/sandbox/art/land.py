"""Mountains, hills, dunes and forests: lines one behind another, paler with distance."""

from __future__ import annotations

from random import Random

from generations.sandbox.art import brush, plants
from generations.sandbox.art.brush import colour, mix
from generations.sandbox.art.canvas import World
from generations.sandbox.art.ridges import POINTS, dune, extent, mountain_range
from generations.sandbox.layers import Layer


def mountains(world: World) -> list[Layer]:
    """Three ranges, snow on the far ones, a dark wood in front."""
    ranges = (
        # rise of the peaks, foot below the horizon, swings, distance, depth, snow
        (0.44, 0.02, 2.4, 0.56, 0.10, 0.6),
        (0.30, 0.09, 3.0, 0.36, 0.24, 0.25),
        (0.18, 0.17, 3.8, 0.17, 0.45, 0.0),
    )
    layers = [
        mountain_range(world, world.chance(f"range {i}"), "#5b6472", *numbers)
        for i, numbers in enumerate(ranges)
    ]
    woods = [
        plants.pine_row(
            world, world.chance("wood 0"), foot=0.30, tall=0.1, distance=0.2, depth=0.6
        ),
        plants.pine_row(
            world, world.chance("wood 1"), foot=0.38, tall=0.17, distance=0.0, depth=0.9
        ),
    ]
    return [*layers, *woods]


def snow(world: World) -> list[Layer]:
    """White ranges and slopes, with firs standing in the snow."""
    ranges = (
        (0.40, 0.02, 2.4, 0.50, 0.10, 0.85),
        (0.26, 0.09, 3.2, 0.30, 0.24, 0.8),
    )
    layers = [
        mountain_range(world, world.chance(f"range {i}"), "#7b8798", *numbers)
        for i, numbers in enumerate(ranges)
    ]
    firs = plants.pine_row(
        world, world.chance("firs"), foot=0.22, tall=0.16, distance=0.3, depth=0.5
    )
    slope = _hill(world, world.chance("slope"), None, 0.2, 0.05, 1.4, 0.12, 0.6)
    near = _hill(world, world.chance("near slope"), None, 0.33, 0.05, 1.1, 0.0, 0.95)
    near_firs = plants.curtain(world, world.chance("near firs"), foot=0.36, tall=0.5, depth=0.9)
    return [*layers, firs, slope, *near_firs, near]


def meadow(world: World) -> list[Layer]:
    """Rolling green, trees on the hills, grass and flowers at the viewer's feet."""
    far = mountain_range(world, world.chance("far"), "#6a7d8c", 0.16, 0.0, 2.2, 0.68, 0.12, 0.0)
    hills = [
        _hill(world, world.chance("hill 0"), "#7fa36b", 0.03, 0.06, 2.0, 0.5, 0.24),
        _hill(world, world.chance("hill 1"), "#7d9f4e", 0.12, 0.06, 1.6, 0.28, 0.42),
        _hill(world, world.chance("hill 2"), "#6b9440", 0.22, 0.06, 1.3, 0.12, 0.65),
    ]
    trees = plants.tree_row(
        world, world.chance("trees"), foot=0.15, tall=0.085, distance=0.3, depth=0.42
    )
    grass = plants.grass(world, world.chance("grass"), "#4f7a2e", foot=0.42, depth=1.0)
    return [far, hills[0], trees, hills[1], hills[2], grass]


def desert(world: World) -> list[Layer]:
    """Dunes with a lit and a shaded side."""
    far = mountain_range(world, world.chance("far"), "#a5756a", 0.15, 0.0, 2.0, 0.6, 0.1, 0.0)
    dunes = (
        ("#e3b27c", 0.03, 0.08, 2.2, 0.45, 0.22),
        ("#dfa468", 0.12, 0.12, 1.7, 0.26, 0.42),
        ("#d89757", 0.25, 0.17, 1.3, 0.10, 0.68),
        ("#cd8746", 0.43, 0.17, 1.0, 0.0, 1.0),
    )
    return [far] + [
        dune(world, world.chance(f"dune {i}"), *numbers) for i, numbers in enumerate(dunes)
    ]


def forest(world: World) -> list[Layer]:
    """Rows of pines, each darker and taller than the one behind it, mist between them."""
    rows = (
        # foot, tall, distance, depth
        (0.03, 0.26, 0.86, 0.06),
        (0.08, 0.32, 0.68, 0.12),
        (0.17, 0.40, 0.44, 0.22),
        (0.28, 0.46, 0.20, 0.62),
    )
    layers = [
        plants.pine_row(
            world, world.chance(f"row {i}"), foot=foot, tall=tall, distance=distance, depth=depth
        )
        for i, (foot, tall, distance, depth) in enumerate(rows)
    ]
    near = plants.curtain(world, world.chance("near"), foot=0.55, tall=0.95, depth=0.95)
    floor = plants.grass(world, world.chance("floor"), "#1f3a2a", foot=0.44, depth=0.95, flowers=0)
    return [*layers, *near, floor]


def _hill(
    world: World,
    chance: Random,
    surface: str | None,
    foot: float,
    rise: float,
    waves: float,
    distance: float,
    depth: float,
) -> Layer:
    """A smooth hill, brightest along its top; without a surface it lies under snow."""
    ridge = brush.wave(chance, POINTS, waves=waves, octaves=2, rough=0.3)
    heights = [world.horizon + (foot - value * rise) * world.unit for value in ridge]
    top, size = extent(world, heights)
    mask = brush.below(size, [y - top for y in heights])
    crest = world.palette.land(surface, distance) if surface else world.palette.snow(distance)
    shade = mix(crest, world.palette.land("#101820", 0.0), 0.55 if surface else 0.3)
    face = brush.gradient(
        size, [(0.0, mix(crest, colour(world.palette.glow), 0.22)), (0.3, crest), (1.0, shade)]
    )
    patches = brush.noise(chance, (size[0] // 2, size[1] // 2), cells=(14, 10), octaves=4)
    patches = brush.levels(patches, 120, 190, top=70).resize(size)
    brush.cover(face, shade, patches)
    return world.layer(face, mask, depth=depth, top=top)
