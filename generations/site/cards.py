"""What a clip's card says: its stage, how long it takes, where it plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from generations import links, timing
from generations.models import Clip, Generation
from generations.states import State
from generations.stopping import can_be_stopped


@dataclass(frozen=True, slots=True)
class Card:
    """
    One generation, ready to be shown. Times are in seconds.

    `left` is what it will probably still take, None where nobody can say; `progress` is the
    provider's own percentage where there is one, else our estimate.
    """

    generation: Generation
    elapsed: float
    typical: float = 0.0
    left: float | None = None
    progress: int | None = None
    position: int | None = None
    clip: Clip | None = None
    clip_url: str = ""
    poster_url: str = ""

    @property
    def version(self) -> str:
        """Changes when there is something new to show; a poll that saw this one gets nothing."""
        known = self.generation.progress
        return f"{self.generation.state}.{'' if known is None else known}.{self.position or ''}"

    @property
    def line(self) -> str:
        """The stage in a few words, as it is read aloud."""
        if self.position:
            return "waiting, next in line" if self.position == 1 else f"waiting, #{self.position}"
        return self.generation.stage

    @property
    def may_cancel(self) -> bool:
        return self.generation.state == State.QUEUED or can_be_stopped(self.generation)

    @property
    def seconds(self) -> str:
        """How long the clip really is."""
        return f"{self.clip.duration_ms / 1000:.1f}" if self.clip else ""


def show(generations: Sequence[Generation], *, now: datetime) -> list[Card]:
    """Cards for generations that were fetched `whole()`, in a constant number of queries."""
    places = timing.queue_positions(generations)
    return [_card(generation, places.get(generation.pk), now) for generation in generations]


def show_one(generation: Generation, *, now: datetime) -> Card:
    return show([generation], now=now)[0]


def _card(generation: Generation, position: int | None, now: datetime) -> Card:
    end = generation.finished_at or now
    elapsed = max(0.0, (end - generation.created_at).total_seconds())
    if generation.state == State.SUCCEEDED:
        return _finished(generation, elapsed, now)
    if generation.is_final:
        return Card(generation, elapsed)
    typical = timing.typical_seconds(_maker(generation), generation.sku, now=now)
    left = None if position else _left(generation, now)
    progress = generation.progress
    if progress is None and left is not None and typical:
        progress = max(0, min(95, round(100 * (1 - left / typical))))
    return Card(generation, elapsed, typical, left, progress, position)


def _finished(generation: Generation, elapsed: float, now: datetime) -> Card:
    return Card(
        generation,
        elapsed,
        progress=100,
        clip=generation.clip,
        clip_url=media_path(links.link(generation.pk, "clip", now=now).url),
        poster_url=media_path(links.link(generation.pk, "poster", now=now).url),
    )


def media_path(url: str) -> str:
    """A link of ours as a path, so that it works under every name the site is visited by."""
    return url.removeprefix(settings.SITE_URL)


def _maker(generation: Generation) -> str:
    """Who makes it, or is asked first."""
    return generation.provider or str(generation.routes[0]["provider"])


def _left(generation: Generation, now: datetime) -> float | None:
    ready = timing.eta(generation, now=now)
    return None if ready is None else (ready - now).total_seconds()
