"""Outlines of living things, as lists: one unit tall, standing on y = 0."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import ImageDraw

from generations.sandbox.art.brush import Point

CAT = (
    ((-0.20, 0.0), (-0.30, 0.10), (-0.29, 0.30), (-0.20, 0.50), (-0.12, 0.64), (0.12, 0.64),
     (0.20, 0.50), (0.29, 0.30), (0.30, 0.10), (0.20, 0.0)),
    ((-0.17, 0.72), (-0.15, 0.83), (-0.05, 0.88), (0.05, 0.88), (0.15, 0.83), (0.17, 0.72),
     (0.10, 0.62), (-0.10, 0.62)),
    ((0.20, 0.0), (0.42, 0.02), (0.56, 0.12), (0.58, 0.28), (0.52, 0.34), (0.52, 0.18),
     (0.40, 0.09), (0.20, 0.09)),
)  # fmt: skip
CAT_EARS = (
    ((-0.165, 0.78), (-0.15, 1.0), (-0.02, 0.87)),
    ((0.165, 0.78), (0.15, 1.0), (0.02, 0.87)),
)

DOG = (
    ((0.20, 0.0), (0.31, 0.0), (0.31, 0.04), (0.25, 0.08), (0.25, 0.38), (0.30, 0.55), (0.24, 0.72),
     (0.06, 0.70), (-0.08, 0.50), (-0.24, 0.28), (-0.32, 0.10), (-0.28, 0.0), (0.02, 0.0),
     (0.10, 0.05), (0.16, 0.12)),
    ((0.05, 0.72), (0.08, 0.90), (0.20, 0.97), (0.31, 0.93), (0.36, 0.86), (0.50, 0.81),
     (0.51, 0.75), (0.40, 0.70), (0.26, 0.66)),
    ((0.06, 0.92), (0.13, 0.94), (0.14, 0.78), (0.08, 0.66), (0.02, 0.72)),
    ((-0.26, 0.0), (-0.46, 0.01), (-0.62, 0.10), (-0.64, 0.20), (-0.52, 0.12), (-0.30, 0.10)),
)  # fmt: skip

WALKER = (
    ((-0.062, 0.93), (-0.045, 0.985), (0.0, 1.0), (0.045, 0.985), (0.062, 0.93), (0.03, 0.86),
     (-0.03, 0.86)),
    ((-0.05, 0.86), (-0.14, 0.82), (-0.17, 0.66), (-0.19, 0.46), (-0.14, 0.46), (-0.13, 0.36),
     (0.13, 0.36), (0.14, 0.46), (0.19, 0.46), (0.17, 0.66), (0.14, 0.82), (0.05, 0.86)),
    ((-0.12, 0.40), (-0.10, 0.20), (-0.115, 0.0), (-0.03, 0.0), (-0.025, 0.20), (-0.005, 0.38)),
    ((0.12, 0.40), (0.105, 0.20), (0.125, 0.0), (0.04, 0.0), (0.03, 0.20), (0.005, 0.38)),
)  # fmt: skip

BIRD = (
    (-1.0, 0.22), (-0.62, 0.40), (-0.28, 0.30), (0.0, 0.06), (0.28, 0.30), (0.62, 0.40),
    (1.0, 0.22), (0.60, 0.26), (0.30, 0.16), (0.0, -0.08), (-0.30, 0.16), (-0.60, 0.26),
)  # fmt: skip


def stand(
    draw: ImageDraw.ImageDraw,
    outlines: Sequence[Sequence[Point]],
    x: float,
    low: float,
    height: float,
    *,
    side: int = 1,
    sharp: Sequence[Sequence[Point]] = (),
) -> None:
    """Draw a figure standing at (x, low), turned to one side."""
    for outline in outlines:
        draw.polygon(_placed(curve(outline), x, low, height, side), fill=255)
    for outline in sharp:
        draw.polygon(_placed(outline, x, low, height, side), fill=255)


def curve(points: Sequence[Point], *, steps: int = 6) -> list[Point]:
    """A smooth closed line through the points (Catmull-Rom)."""
    count = len(points)
    line = []
    for i in range(count):
        before, start, end, after = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        line += [_spline(before, start, end, after, step / steps) for step in range(steps)]
    return line


def _spline(before: Point, start: Point, end: Point, after: Point, share: float) -> Point:
    def axis(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b
            + (c - a) * share
            + (2 * a - 5 * b + 4 * c - d) * share**2
            + (3 * b - a - 3 * c + d) * share**3
        )

    return (
        axis(before[0], start[0], end[0], after[0]),
        axis(before[1], start[1], end[1], after[1]),
    )


def _placed(points: Sequence[Point], x: float, low: float, height: float, side: int) -> list[Point]:
    return [(x + px * height * side, low - py * height) for px, py in points]
