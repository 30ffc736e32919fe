"""From a prompt, or a photograph, to layers on a stage."""

from __future__ import annotations

import bisect
from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter

from generations.sandbox.art import (
    city,
    inside,
    land,
    moving,
    sky,
    space,
    things,
    underwater,
    water,
    weather,
    words,
)
from generations.sandbox.art.brush import Size
from generations.sandbox.art.canvas import World, new_world
from generations.sandbox.art.palettes import PALETTES
from generations.sandbox.camera import PHOTOGRAPH
from generations.sandbox.layers import Layer

#: Depths between which layers hardly move against each other: each band is painted as one.
BANDS = (0.25, 0.55, 0.8)

#: Places without a sky; they bring their own background.
_ENCLOSED: dict[str, Callable[[World], list[Layer]]] = {
    "interior": inside.interior,
    "space": space.space,
    "underwater": underwater.underwater,
}

_OPEN: dict[str, Callable[[World], list[Layer]]] = {
    "city": city.city,
    "desert": land.desert,
    "forest": land.forest,
    "meadow": land.meadow,
    "mountains": land.mountains,
    "sea": water.sea,
    "snow": land.snow,
}


def paint(prompt: str, *, size: Size, variation: int = 0) -> list[Layer]:
    """What the prompt describes, from far to near, for a frame of this size."""
    wish = words.read(prompt, variation=variation)
    choices = PALETTES[wish.time]
    world = new_world(wish, choices[wish.seed % len(choices)], size)
    if wish.land in _ENCLOSED:
        layers = _ENCLOSED[wish.land](world)
    else:
        backdrop = world.layer(sky.paint(world), None, depth=0.05)
        layers = [backdrop, *_OPEN[wish.land](world)]
    layers += [*things.standing(world), *moving.moving(world), *weather.veils(world)]
    ordered = sorted(layers, key=lambda layer: layer.depth)
    return _grouped([layer.trimmed() for layer in ordered])


def photograph(image: Image.Image, *, size: Size) -> list[Layer]:
    """A customer's first frame, filling the frame exactly."""
    picture = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    return [Layer(picture, None, -size[0] / 2, -size[1] / 2, PHOTOGRAPH)]


def _grouped(layers: list[Layer]) -> list[Layer]:
    """Neighbours of nearly one depth that do not move of themselves become one layer."""
    groups: list[list[Layer]] = []
    for layer in layers:
        if groups and _alike(groups[-1][-1], layer):
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return [layer for group in groups for layer in _worth_merging(group)]


def _alike(one: Layer, other: Layer) -> bool:
    still = one.motion is None and other.motion is None
    return still and bisect.bisect_left(BANDS, one.depth) == bisect.bisect_left(BANDS, other.depth)


def _worth_merging(group: list[Layer]) -> list[Layer]:
    """One layer, unless most of it would be the emptiness between two."""
    merged = _merged(group) if len(group) > 1 else group[0]
    alone = sum(layer.size[0] * layer.size[1] for layer in group)
    return [merged] if merged.size[0] * merged.size[1] < 1.2 * alone else group


def _merged(group: list[Layer]) -> Layer:
    """One picture and one mask of several, the nearer over the farther."""
    left, top = min(layer.x for layer in group), min(layer.y for layer in group)
    right = max(layer.x + layer.size[0] for layer in group)
    low = max(layer.y + layer.size[1] for layer in group)
    size = round(right - left), round(low - top)
    face, mask = Image.new("RGB", size), Image.new("L", size)
    for layer in group:
        _add(layer, face, mask, at=(round(layer.x - left), round(layer.y - top)))
    depth = sum(layer.depth for layer in group) / len(group)
    whole = mask.getextrema() == (255, 255)
    return Layer(face, None if whole else mask, left, top, depth)


def _add(layer: Layer, face: Image.Image, mask: Image.Image, *, at: tuple[int, int]) -> None:
    """
    Paint a layer over what is there.

    Its colour also goes wherever nothing was before, even outside its mask: edges are blended when
    they are moved by parts of a pixel, and would otherwise blend with black into a dark rim.
    """
    own = layer.mask or Image.new("L", layer.size, 255)
    box = (*at, at[0] + own.width, at[1] + own.height)
    before = mask.crop(box)
    # A box blur of what is there spreads it by two pixels, as a MaxFilter(5) does in ten times
    # the time.
    anything = [0] + [255] * 255
    kept = before.point(anything).filter(ImageFilter.BoxBlur(2)).point(anything)
    full = ImageChops.lighter(own, ImageChops.invert(kept))
    paint = layer.paint
    if isinstance(paint, Image.Image):
        face.paste(paint.resize(own.size, Image.Resampling.NEAREST), at, full)
    else:
        face.paste(paint, box, full)
    mask.paste(ImageChops.screen(before, own), at)
