"""Everything that moves of itself, and the places it is found in."""

from __future__ import annotations

from collections.abc import Callable

from generations.sandbox.art import flying, lights, passing
from generations.sandbox.art.canvas import World
from generations.sandbox.layers import Layer

_OPEN_AIR = ("city", "desert", "forest", "meadow", "mountains", "sea", "snow")

#: Things that are found elsewhere than everywhere under the sky.
_PLACES = {"boat": ("sea",), "fireflies": (*_OPEN_AIR, "interior", "space", "underwater")}

_PAINTERS: dict[str, Callable[[World], list[Layer]]] = {
    "airship": flying.airship,
    "balloon": flying.balloon,
    "birds": passing.birds,
    "boat": passing.boat,
    "fireflies": lights.fireflies,
    "fireworks": lights.fireworks,
    "kite": flying.kite,
}


_NOT_IN_BAD_WEATHER = {"fireflies", "fireworks"}
#: More at once would take longer to draw than a clip may (3 s of CPU for 6 s at 768P).
_AT_ONCE = 2


def moving(world: World) -> list[Layer]:
    """What was asked for first and can be in this place."""
    fitting = [
        name
        for name in world.wish.things
        if name in _PAINTERS and world.wish.land in _PLACES.get(name, _OPEN_AIR)
        if name not in _NOT_IN_BAD_WEATHER or not world.wish.weather
    ]
    return [layer for name in fitting[:_AT_ONCE] for layer in _PAINTERS[name](world)]
