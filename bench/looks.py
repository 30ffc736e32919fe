"""
How often we look, and how soon we see: DESIGN section 10, "10 000 in flight", in a time warp.

`python -m bench.looks` prints what was measured beside its budget and exits with 1 when one is
missed. Everything is seeded; no database, no network. What it takes for granted is in
`bench/timewarp.py`: how long a look takes from due to sent, an answer, a knock.

The budget of the batched half is ¼ of the requests of 5 s polling as the providers' own clients
do it, one job a request (providers.md 2.3); the same polling in full batches stands beside it.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from bench.timewarp import Figures, Fixed, Ours, Render, World
from generations import pace

BATCH = 20
#: One webhook in fifty is lost.
KNOCKS = 0.98
#: Microseconds for one decision.
QUICK = 50.0


@dataclass(frozen=True)
class Budget:
    what: str
    value: float
    most: float

    @property
    def met(self) -> bool:
        return self.value <= self.most

    def __str__(self) -> str:
        return f"{self.what} {self.value:.2f} ≤ {self.most:.2f}{'' if self.met else '  MISSED'}"


@dataclass(frozen=True)
class Row:
    name: str
    figures: Figures
    budgets: list[Budget] = field(default_factory=list)


def main() -> int:
    """Measure and print everything; 1 when a budget is missed."""
    groups = {
        "no webhooks, one job a request": alone(),
        f"no webhooks, {BATCH} jobs a request": batched(),
        f"webhooks, {KNOCKS:.0%} of which arrive": knocked(),
        "when the past is no guide (fewer jobs; the budgets are ours)": misled(),
    }
    budgets = [budget for name, rows in groups.items() for budget in _printed(name, rows)]
    cost = Budget("µs", microseconds(), QUICK)
    print(f"\none decision: {cost}")
    return 0 if cost.met and all(budget.met for budget in budgets) else 1


def alone(in_flight: int = 5_000, clips: int = 15_000) -> Iterator[Row]:
    """The half that is asked one by one."""
    fixed = World(Fixed(5), lognormal(), in_flight, clips).run()
    yield Row("fixed 5 s", fixed)
    yield Row("fixed 10 s", World(Fixed(10), lognormal(), in_flight, clips).run())
    ours = World(Ours(past=past()), lognormal(), in_flight, clips).run()
    yield Row("ours", ours, [_looks(ours, fixed, 0.55), _lag(ours, fixed.lag(0.95))])


def batched(in_flight: int = 5_000, clips: int = 15_000) -> Iterator[Row]:
    """The half at a provider that takes many jobs in one request."""
    fixed = World(Fixed(5), lognormal(), in_flight, clips).run()
    yield Row("fixed 5 s, one by one", fixed)
    yield Row("fixed 5 s", World(Fixed(5), lognormal(), in_flight, clips, batch=BATCH).run())
    yield Row("fixed 10 s", World(Fixed(10), lognormal(), in_flight, clips, batch=BATCH).run())
    asker = Ours(past=past(), batch=BATCH, under_way=in_flight)
    ours = World(asker, lognormal(), in_flight, clips, batch=BATCH).run()
    yield Row("ours", ours, [_requests(ours, fixed, 0.25), _lag(ours, 2.0)])


def knocked(in_flight: int = 5_000, clips: int = 15_000) -> Iterator[Row]:
    """Both halves, where the provider knocks when a job is done."""
    for every in (5, 10):
        fixed = World(Fixed(every), lognormal(), in_flight, clips, knocks=KNOCKS).run()
        yield Row(f"fixed {every} s and knocks", fixed)
    for batch, name in ((1, "ours, one by one"), (BATCH, "ours, in batches")):
        asker = Ours(past=past(), batch=batch, under_way=in_flight, knocked=True)
        ours = World(asker, lognormal(), in_flight, clips, batch=batch, knocks=KNOCKS).run()
        yield Row(name, ours, [_lag(ours, 1.0)])


@dataclass(frozen=True)
class Misled:
    """One case in which we know little, or something wrong."""

    name: str
    render: Render
    asker: Ours
    looks: float  # at most so many times those of 5 s polling
    lag: float  # seconds, p95
    in_flight: int = 0  # a sixth of all clips, unless it says so
    batch: int = 1
    ramp: float = 93.0


def misled(clips: int = 3_000) -> Iterator[Row]:
    """What becomes of it, beside 5 s polling of the same jobs."""
    for case in _cases():
        crowd = case.in_flight or clips // 6
        world = partial(World, render=case.render, in_flight=crowd, clips=clips, ramp=case.ramp)
        plain, ours = world(Fixed(5)).run(), world(case.asker, batch=case.batch).run()
        asked = _requests if case.batch > 1 else _looks
        yield Row(case.name, ours, [asked(ours, plain, case.looks), _lag(ours, case.lag)])


def microseconds(calls: int = 20_000) -> float:
    """What one decision about the next look costs."""
    learned, asking = pace.learn(past(count=200)), pace.Asking()
    began = time.process_time()
    for call in range(calls):
        pace.due(0.0, pace.next_look(learned, asking, age=call / 100), asking)
    return (time.process_time() - began) / calls * 1e6


def lognormal(median: float = 90.0, sigma: float = 0.25) -> Render:
    return lambda chance: median * math.exp(sigma * chance.gauss(0, 1))


def past(render: Render | None = None, count: int = 100) -> list[float]:
    """So many finished renders of before."""
    chance = random.Random(7)
    return [(render or lognormal())(chance) for _ in range(count)]


def _cases() -> list[Misled]:
    usual, quick, slow = lognormal(), lognormal(45), lognormal(180)
    known = past()
    few = Ours(past=known, batch=BATCH, under_way=60)
    return [
        Misled("no past", usual, Ours(), 1.0, 5.0),
        Misled("no past, all at once", usual, Ours(), 1.0, 6.0, ramp=1),
        Misled("three past renders", usual, Ours(past=known[:3]), 0.8, 5.0),
        Misled("all at once", usual, Ours(past=known), 0.6, 6.0, ramp=1),
        Misled("twice as quick as learned", quick, Ours(past=known), 0.6, 25.0),
        Misled("twice as slow as learned", slow, Ours(past=known), 0.6, 5.0),
        Misled("twice as slow, never learned", slow, Ours(past=known, learns=False), 1.0, 7.0),
        Misled("two usual times", _either, Ours(past=past(_either)), 0.7, 5.0),
        Misled("one in fifty never ends", _some_never, Ours(past=known), 0.6, 5.0),
        Misled("renders of 5 s", lognormal(5), Ours(past=past(lognormal(5))), 1.6, 2.5, ramp=5),
        Misled("renders of 10 min", lognormal(600), Ours(past=past(lognormal(600))), 0.6, 5.0),
        Misled("webhooks that stop", usual, Ours(past=known, knocked=True), 0.6, 60.0),
        Misled("60 in flight, in batches", usual, few, 0.25, 2.0, in_flight=60, batch=BATCH),
    ]


def _either(chance: random.Random) -> float:
    """A short queue or a long one."""
    return lognormal(chance.choice((40.0, 150.0)), 0.1)(chance)


def _some_never(chance: random.Random) -> float:
    return math.inf if chance.random() < 0.02 else lognormal()(chance)


def _looks(ours: Figures, fixed: Figures, most: float) -> Budget:
    return Budget("looks ×", ours.looks_per_clip / fixed.looks_per_clip, most)


def _requests(ours: Figures, fixed: Figures, most: float) -> Budget:
    return Budget("requests ×", ours.requests_per_clip / fixed.requests_per_clip, most)


def _lag(ours: Figures, most: float) -> Budget:
    return Budget("lag p95", ours.lag(0.95), most)


def _printed(group: str, rows: Iterable[Row]) -> Iterator[Budget]:
    head = f"{'looks':>7}{'requests':>10}{'lag p50':>9}{'p95':>7}{'max':>7}   budget"
    print(f"\n{group}\n{'per clip, lag in seconds':30}{head}")
    for row in rows:
        figures = row.figures
        numbers = (
            f"{figures.looks_per_clip:7.2f}{figures.requests_per_clip:10.2f}"
            f"{figures.lag(0.5):9.2f}{figures.lag(0.95):7.2f}{figures.lag(1.0):7.1f}"
        )
        print(f"{row.name:30}{numbers}   {', '.join(map(str, row.budgets))}", flush=True)
        yield from row.budgets


if __name__ == "__main__":
    sys.exit(main())
