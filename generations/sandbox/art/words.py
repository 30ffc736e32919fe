"""What a prompt asks to see: its words, looked up in lists. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from generations.sandbox.art.brush import luck

TIMES = {
    "dawn": "dawn daybreak sunrise morning early mist misty",
    "day": "day daylight noon sunny midday summer spring bright blue",
    "dusk": "dusk twilight evening blue-hour",
    "golden": "golden-hour golden-light amber afternoon warm autumn fall harvest glow honey",
    "night": "night midnight moon moonlight moonlit stars starry dark aurora neon fireworks",
    "storm": "storm stormy rain rainy thunder overcast grey gray gloomy thunderstorm drizzle",
    "sunset": "sunset sundown crimson",
}

LANDS = {
    "city": "city skyline street downtown skyscraper skyscrapers urban tokyo york paris london neon"
    " arcade alley traffic metropolis rooftop building buildings taxi train subway car cars",
    "desert": "desert dune dunes sand sahara camel oasis canyon arid outpost mars",
    "forest": "forest wood woods pine pines jungle trees rainforest fern fox deer wolf bear owl",
    "interior": "kitchen room workshop studio table cafe restaurant chef cooking cup coffee tea"
    " violin desk office portrait face perfume product glass bottle flower flowers macro candle"
    " guitar piano dancer robot food sushi shop library book books bench interior indoor",
    "meadow": "meadow field fields grass hill hills garden farm park prairie countryside valley"
    " horse windmill vineyard lavender village sheep cow picnic",
    "mountains": "mountain mountains alps peak peaks cliff summit himalaya ridge hike hiker climber"
    " lake glacier eagle volcano rocky",
    "sea": "sea ocean beach wave waves coast shore island sail sailing harbor"
    " harbour bay surf surfer yacht whale dolphin seagull water river pier",
    "snow": "snow snowy winter ice icy frozen arctic ski skier blizzard christmas polar penguin",
    "space": "space galaxy planet nebula rocket astronaut cosmos orbit spaceship universe comet",
    "underwater": "underwater submerged reef coral fish jellyfish diver aquarium mermaid shark",
}

THINGS = {
    "airship": "airship zeppelin blimp",
    "balloon": "hot-air balloon balloons",
    "birds": "bird birds seagull gulls geese eagle swallows crow flock",
    "boat": "boat ship sail sailing sailboat yacht vessel",
    "cabin": "cabin cottage house hut lodge home",
    "cat": "cat kitten",
    "dog": "dog puppy retriever hound",
    "fireflies": "fireflies firefly lanterns magic fairy dust embers sparks",
    "fireworks": "firework fireworks celebration",
    "kite": "kite kites",
    "lighthouse": "lighthouse beacon",
    "tree": "tree oak willow baobab",
    "walker": "man woman person hiker traveler traveller girl boy child astronaut figure walker"
    " monk people wanderer",
}

WEATHERS = {
    "aurora": "aurora northern-lights borealis",
    "fog": "fog foggy mist misty haze hazy steam smoke",
    "rain": "rain rainy storm thunderstorm drizzle downpour slick",
    "snowfall": "snowing snowfall snowflakes snow snowy blizzard christmas",
}

#: Two colours that look well together, by the word for the first.
COLOURS = {
    "black": ("#22252e", "#d9b45a"),
    "blue": ("#2f6fb0", "#f2d7a0"),
    "brown": ("#8a5a3a", "#f0d6a8"),
    "copper": ("#b06a3a", "#f0d0a0"),
    "golden": ("#e0a83a", "#fff0c8"),
    "green": ("#3a8a5f", "#f4e9c8"),
    "orange": ("#e8803a", "#fbe6c0"),
    "pink": ("#e0709a", "#fbe3d6"),
    "purple": ("#7a55b0", "#f3cf8a"),
    "red": ("#d23a3a", "#f6c95f"),
    "white": ("#f4f1ea", "#d9645a"),
    "yellow": ("#efc23f", "#d9573f"),
}

#: Where things are at home, for prompts that name a thing but no place.
_HOMES = {
    "airship": "desert",
    "balloon": "mountains",
    "boat": "sea",
    "cabin": "mountains",
    "cat": "meadow",
    "dog": "meadow",
    "fireflies": "forest",
    "fireworks": "city",
    "kite": "meadow",
    "lighthouse": "sea",
    "tree": "meadow",
}

#: Land and light for prompts that name none: what looks good, in turn.
_LANDS_AT_WILL = ("mountains", "sea", "meadow", "forest", "desert")
_TIMES_AT_WILL = ("sunset", "golden", "dawn", "dusk", "sunset", "night", "day")
_DARK_LANDS = {"space": "night", "underwater": "day"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What to paint."""

    time: str
    land: str
    things: tuple[str, ...]
    weather: frozenset[str]
    seed: int
    colours: tuple[str, str]


def read(prompt: str, *, variation: int = 0) -> Wish:
    """The same prompt and variation wish for the same picture, always."""
    seed = seed_of(prompt, variation)
    words = _words(prompt)
    chance = luck(seed)
    things = tuple(name for name in THINGS if _matches(THINGS[name], words))
    homes = [_HOMES[name] for name in things if name in _HOMES] or [chance.choice(_LANDS_AT_WILL)]
    land = _strongest(LANDS, words) or homes[0]
    time = _DARK_LANDS.get(land) or _strongest(TIMES, words) or chance.choice(_TIMES_AT_WILL)
    return Wish(
        time=time,
        land=land,
        things=things,
        weather=frozenset(name for name in WEATHERS if _matches(WEATHERS[name], words)),
        seed=seed,
        colours=_colours(words) or chance.choice(list(COLOURS.values())),
    )


def seed_of(prompt: str, variation: int) -> int:
    """A number for a prompt, 0 to 2³¹-1, as providers report seeds."""
    digest = hashlib.sha256(f"{variation}:{prompt}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _words(prompt: str) -> list[str]:
    """Single words and pairs of neighbours ("golden-hour"), in order."""
    words = re.findall(r"[a-z]+", prompt.lower())
    pairs = ["-".join(pair) for pair in pairwise(words)]
    return [word for both in zip(words, [*pairs, ""], strict=False) for word in both]


def _strongest(lists: Mapping[str, str], words: list[str]) -> str | None:
    """The list most words belong to; the earlier word wins a tie."""
    votes: dict[str, float] = {}
    for place, word in enumerate(words):
        for name, known in lists.items():
            if word in known.split():
                votes[name] = votes.get(name, 0.0) + 1 - place / 1000
    return max(votes, key=votes.__getitem__) if votes else None


def _colours(words: list[str]) -> tuple[str, str] | None:
    """The colours of the thing: the word right before it, as in "a red kite"."""
    things = {word for known in THINGS.values() for word in known.split()}
    spoken = [word for word in words if "-" not in word and word]
    for word, following in pairwise(spoken):
        if word in COLOURS and following in things:
            return COLOURS[word]
    return next((COLOURS[word] for word in spoken if word in COLOURS and word != "golden"), None)


def _matches(known: str, words: list[str]) -> int:
    return len(set(known.split()) & set(words))
