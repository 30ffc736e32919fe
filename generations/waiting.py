"""When to look at a job again: what `pace` makes of our own past with its provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import DateTimeField, Func
from django.db.models.expressions import Case, Combinable, Value, When
from django.db.models.functions import Now

from generations import connect, deadlines, history, pace
from generations.models import Attempt, Generation
from generations.states import State

#: What was learned is good for so many seconds.
GOOD_FOR = 10


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds from now; where jobs are asked about together, to the nearest multiple of `every`."""

    seconds: float
    every: float = 0.0

    def due(self, claimed_at: datetime) -> Combinable:
        """As a database expression: at once if somebody knocked since we took it up."""
        moment: Combinable = Now() + Value(timedelta(seconds=self.seconds))
        if self.every:
            moment = _Nearest(moment, every=self.every)
        return Case(When(knocked_at__gt=claimed_at, then=Now()), default=moment)


def first(attempt: Attempt, *, now: datetime) -> Wait:
    """Until the first look at a job that was just accepted."""
    learned, asking = _known(attempt.provider, attempt.sku, now)
    return Wait(pace.first_look(learned, asking), pace.instants(asking))


def next(generation: Generation, *, now: datetime) -> Wait:
    """Until the next look at a job that was at work just now."""
    if generation.state == State.OVERDUE:
        return Wait(deadlines.OVERDUE_WAIT.total_seconds())
    if generation.state == State.UNKNOWN or generation.provider not in connect.names():
        return Wait(deadlines.next_wait(generation, now=now).total_seconds())
    learned, asking = _known(generation.provider, generation.sku, now)
    age = (now - (generation.started_at or generation.state_since)).total_seconds()
    return Wait(pace.next_look(learned, asking, age=max(0.0, age)), pace.instants(asking))


def forget() -> None:
    """What was learned is learned anew: for tests, whose pasts come and go."""
    _known_for.cache_clear()


def _known(provider: str, sku: str, now: datetime) -> tuple[pace.Learned, pace.Asking]:
    return _known_for(provider, sku, int(now.timestamp()) // GOOD_FOR)


@lru_cache(maxsize=512)
def _known_for(provider: str, sku: str, period: int) -> tuple[pace.Learned, pace.Asking]:
    asking = pace.Asking(
        batch=connect.provider(provider).capabilities.batch,
        knocks=history.knock_share(provider),
        under_way=history.under_way(provider),
    )
    return pace.learn(history.spans(provider, sku)), asking


class _Nearest(Func):
    """A moment rounded to the nearest multiple of so many seconds."""

    template = "to_timestamp(%(every)s * round(extract(epoch FROM %(expressions)s) / %(every)s))"
    output_field = DateTimeField()

    def __init__(self, moment: Combinable, *, every: float) -> None:
        super().__init__(moment, every=f"{every:.6f}")
