"""
What the camera does: from directives in square brackets to where it looks at each moment.

Pure. The fifteen directives are MiniMax's (seed 003, "Camera Directives"): up to three in one
bracket happen together, brackets follow each other in time. Without any it drifts slowly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from generations.sandbox.art.brush import luck

#: Together in one bracket, as the documents say; further ones are not read.
MOST_AT_ONCE = 3

#: How far from the middle the nearest things may shift, in frames. Pictures are painted this far.
REACH = 0.14

#: A photograph ends at its edges, so that every shift costs size: it shifts less.
PHOTOGRAPH_REACH = 0.09

#: The most anything grows (natural logarithm); beyond it pixels would show.
CLOSEST = 0.34

#: A photograph has one depth, at which a travelling camera moves it exactly as a turning one.
PHOTOGRAPH = 0.8


class View(NamedTuple):
    """Where the camera looks at one moment. Shifts are in frames, y points down; 0 is at rest."""

    pan_x: float = 0.0  # the camera turns: everything shifts alike
    pan_y: float = 0.0
    truck_x: float = 0.0  # the camera travels: near things shift more
    truck_y: float = 0.0
    zoom: float = 0.0  # the lens: everything grows alike (natural logarithm)
    dolly: float = 0.0  # the camera comes closer: near things grow more

    def shift(self, depth: float) -> tuple[float, float]:
        """How far from the middle it looks, for things at `depth` (0 far, 1 near)."""
        near = parallax(depth)
        return self.pan_x + self.truck_x * near, self.pan_y + self.truck_y * near

    def scale(self, depth: float) -> float:
        """How much larger than painted things at `depth` appear; never below 1."""
        return math.exp(self.zoom + self.dolly * parallax(depth))


class Move(NamedTuple):
    """One directive: the change it makes from beginning to end, and its unrest on the way."""

    change: View = View()
    shake: float = 0.0
    bob: float = 0.0  # a walking camera's rise and fall


DIRECTIVES = {
    "pan left": Move(View(pan_x=-0.16)),
    "pan right": Move(View(pan_x=0.16)),
    "pedestal down": Move(View(truck_y=0.11)),
    "pedestal up": Move(View(truck_y=-0.11)),
    "pull out": Move(View(dolly=-0.2)),
    "push in": Move(View(dolly=0.2)),
    "shake": Move(shake=0.005),
    "static shot": Move(),
    "tilt down": Move(View(pan_y=0.13)),
    "tilt up": Move(View(pan_y=-0.13)),
    "tracking shot": Move(View(truck_x=0.15, dolly=0.05), bob=0.002),
    "truck left": Move(View(truck_x=-0.15)),
    "truck right": Move(View(truck_x=0.15)),
    "zoom in": Move(View(zoom=0.2)),
    "zoom out": Move(View(zoom=-0.2)),
}

#: What joined the last direction to the sentence.
_DANGLING = re.compile(r"[,;:\s]*\b(?:and then|then|and)?[,;:\s]*$", re.IGNORECASE)

#: Samples a second for planning the way.
GRID = 24

#: Double brackets are the sandbox's knobs, not directions.
_BRACKET = re.compile(r"(?<!\[)\[([^\[\]]{1,200})\](?!\])")


def script(prompt: str) -> tuple[tuple[str, ...], ...]:
    """The directives of each bracket, in order. A bracket without any is only words."""
    brackets = (_directives(text) for text in _BRACKET.findall(prompt))
    return tuple(found for found in brackets if found)


def plain(prompt: str) -> str:
    """The prompt without its directions, for reading."""
    text = _BRACKET.sub(lambda found: "" if _directives(found[1]) else found[0], prompt)
    text = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))
    return _DANGLING.sub("", text)


def parallax(depth: float) -> float:
    """How strongly things at a depth answer to a travelling camera."""
    return 0.2 + depth


class Path:
    """The camera's way through one clip."""

    def __init__(self, prompt: str, *, seconds: float, seed: int, photograph: bool = False) -> None:
        """`photograph`: nothing lies beyond the picture's edges, and it is first shown whole."""
        self._moves = [_together(names) for names in script(prompt)] or [_drift(seed)]
        self._part = seconds / len(self._moves)
        views = [self._travelled(i / GRID) for i in range(round(seconds * GRID) + 1)]
        self._origin = _at_rest(views) if photograph else _middle(views)
        views = [_minus(view, self._origin) for view in views]
        self._tame = _tame(views, PHOTOGRAPH_REACH if photograph else REACH)
        views = [_times(view, *self._tame) for view in views]
        self._closer = _within_edges(views) if photograph else [0.0] * len(views)

    def view(self, at: float) -> View:
        """Where the camera looks `at` seconds."""
        view = _times(_minus(self._travelled(at), self._origin), *self._tame)
        return view._replace(zoom=view.zoom + _read(self._closer, at * GRID))

    def _travelled(self, at: float) -> View:
        """The sum of all moves made until now."""
        shares = [_ease(at / self._part - i) for i in range(len(self._moves))]
        views = [_made(move, share, at) for move, share in zip(self._moves, shares, strict=True)]
        return View(*(sum(values) for values in zip(*views, strict=True)))


def _directives(text: str) -> tuple[str, ...]:
    words = (" ".join(part.lower().split()) for part in text.split(","))
    return tuple(word for word in words if word in DIRECTIVES)[:MOST_AT_ONCE]


def _together(names: Iterable[str]) -> Move:
    moves = [DIRECTIVES[name] for name in names]
    change = View(*(sum(values) for values in zip(*(m.change for m in moves), strict=True)))
    return Move(change, shake=sum(m.shake for m in moves), bob=sum(m.bob for m in moves))


def _drift(seed: int) -> Move:
    """What a patient camera does when told nothing."""
    rng = luck(seed)
    side = rng.choice((-1, 1))
    return Move(View(truck_x=0.04 * side, truck_y=rng.choice((-0.01, 0, 0.01)), dolly=0.065))


def _made(move: Move, share: float, at: float) -> View:
    """As much of a move as is done, with its unrest while it lasts."""
    x, y = _tremor(at)
    alive = math.sqrt(math.sin(math.pi * share))
    step = move.bob * math.sin(2 * math.pi * 1.1 * at)
    view = _times(move.change, share, share)
    return view._replace(
        pan_x=view.pan_x + alive * move.shake * x,
        pan_y=view.pan_y + alive * (move.shake * y + step),
    )


def _ease(share: float) -> float:
    """0 to 1, starting and ending gently."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _tremor(at: float) -> tuple[float, float]:
    """A hand's unrest: several swings that never meet again."""
    x = math.sin(at * 11.3) + 0.6 * math.sin(at * 23.7 + 1) + 0.3 * math.sin(at * 41.1 + 2)
    y = math.sin(at * 13.1 + 4) + 0.6 * math.sin(at * 19.9 + 2) + 0.3 * math.sin(at * 37.3)
    return x / 1.9, y / 1.9


def _minus(view: View, origin: View) -> View:
    return View(*(a - b for a, b in zip(view, origin, strict=True)))


def _times(view: View, shifts: float, growth: float) -> View:
    factors = (shifts, shifts, shifts, shifts, growth, growth)
    return View(*(value * factor for value, factor in zip(view, factors, strict=True)))


def _middle(views: list[View]) -> View:
    """The origin that centres the way on the picture and keeps everything at least life-size."""
    columns = list(zip(*views, strict=True))
    centres = View(*((min(values) + max(values)) / 2 for values in columns))
    return centres._replace(zoom=min(columns[4]), dolly=min(columns[5]))


def _at_rest(views: list[View]) -> View:
    """The origin of a photograph: shown whole at first, unless the camera has to pull out."""
    return View(zoom=min(view.zoom for view in views), dolly=min(view.dolly for view in views))


def _tame(views: list[View], reach: float) -> tuple[float, float]:
    """How much to shorten the way and the growth so that neither leaves the picture."""
    furthest = max(abs(value) for view in views for value in view.shift(1.0))
    closest = max(math.log(view.scale(1.0)) for view in views)
    return min(1.0, reach / max(furthest, 1e-9)), min(1.0, CLOSEST / max(closest, 1e-9))


def _within_edges(views: list[View]) -> list[float]:
    """
    How much closer to come so that every shifted view lies inside the picture, on the grid.

    The largest need of the surrounding second, averaged over that second: never less than what
    is needed, and smooth even where the camera shakes.
    """
    needs = [-math.log(1 - 2 * max(map(abs, view.shift(PHOTOGRAPH)))) for view in views]
    largest = [max(near) for near in _windows(needs)]
    return [sum(near) / len(near) for near in _windows(largest)]


def _windows(values: list[float]) -> list[list[float]]:
    half = GRID // 2
    padded = [values[0]] * half + values + [values[-1]] * half
    return [padded[i : i + 2 * half + 1] for i in range(len(values))]


def _read(values: list[float], place: float) -> float:
    index = min(int(place), len(values) - 2)
    share = place - index
    return values[index] * (1 - share) + values[index + 1] * share
