"""What a clip's card says: its stage, how long it takes, where it plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from generations import history, links
from generations.models import Clip, Generation
from generations.states import State


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
        return self.generation.state == State.QUEUED

    @property
    def seconds(self) -> str:
        """How long the clip really is."""
        return f"{self.clip.duration_ms / 1000:.1f}" if self.clip else ""


def show(generations: Sequence[Generation], *, now: datetime) -> list[Card]:
    """Cards for generations that were fetched `whole()`, in a constant number of queries."""
    places = _places([g.pk for g in generations if g.state == State.QUEUED])
    usual: dict[tuple[str, str], float] = {}
    return [_card(generation, places.get(generation.pk), usual, now) for generation in generations]


def show_one(generation: Generation, *, now: datetime) -> Card:
    return show([generation], now=now)[0]


def _card(
    generation: Generation,
    position: int | None,
    usual: dict[tuple[str, str], float],
    now: datetime,
) -> Card:
    end = generation.finished_at or now
    elapsed = max(0.0, (end - generation.created_at).total_seconds())
    if generation.state == State.SUCCEEDED:
        return _finished(generation, elapsed, now)
    if generation.is_final:
        return Card(generation, elapsed)
    typical = _typical(generation, usual)
    left = _left(generation, typical, now)
    progress = generation.progress
    if progress is None and left is not None:
        progress = min(95, round(100 * (typical - left) / typical))
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


def _typical(generation: Generation, usual: dict[tuple[str, str], float]) -> float:
    """Asked once for each provider and SKU on a page."""
    provider = generation.provider or generation.routes[0]["provider"]
    key = (provider, generation.sku)
    if key not in usual:
        usual[key] = max(1.0, history.typical_seconds(*key))
    return usual[key]


def _left(generation: Generation, typical: float, now: datetime) -> float | None:
    if generation.state == State.QUEUED:
        return None
    began = generation.started_at or generation.state_since
    return max(0.0, typical - (now - began).total_seconds())


def _places(queued: list[UUID]) -> dict[UUID, int]:
    """Where each of these stands in the queue: 1 is next."""
    if not queued:
        return {}
    before = Generation.objects.filter(state=State.QUEUED, pk__lte=OuterRef("pk")).order_by()
    ahead = before.values("state").annotate(total=Count("pk")).values("total")
    rows = Generation.objects.filter(pk__in=queued, state=State.QUEUED)
    return dict(rows.annotate(place=Coalesce(Subquery(ahead), 1)).values_list("pk", "place"))
