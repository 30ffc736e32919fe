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


def moving(world: World) -> list[Layer]:
    """Everything asked for that can be in this place."""
    layers: list[Layer] = []
    for name in world.wish.things:
        if name in _PAINTERS and world.wish.land in _PLACES.get(name, _OPEN_AIR):
            layers += _PAINTERS[name](world)
    return layers
