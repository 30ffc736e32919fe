"""A world in which minutes pass in milliseconds: jobs at one provider, and somebody who asks."""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from generations import pace

#: Seconds from one pass of the look loop to the next: from due to sent it takes 0.5 s at p95.
PASSES = (0.2, 0.6)
#: Seconds from a question to its answer, which speaks of the moment in the middle.
ANSWER = 0.2
#: Seconds from done to the arrival of the knock.
KNOCK_AFTER = (0.05, 0.3)
#: After half an hour a job is overdue, and no longer a matter of pace.
OVERDUE = 1800.0

#: How long one render takes, in seconds.
Render = Callable[[random.Random], float]


@dataclass(slots=True)
class Job:
    """One render: when it was accepted, is done and knocks, and what its looks have found."""

    started: float
    done: float
    knock: float = math.inf
    due: float = 0.0
    looks: int = 0
    at_work: float | None = None  # the last age at which a look found it so

    def age(self, now: float) -> float:
        return now - self.started


class Asker(Protocol):
    """Whoever decides when to look. Both answers are points in time."""

    def first(self, job: Job) -> float: ...

    def next(self, job: Job, now: float) -> float: ...

    def finished(self, job: Job, now: float) -> None: ...


@dataclass(slots=True)
class Fixed:
    """Like a metronome from the moment of acceptance. Learns nothing."""

    every: float

    def first(self, job: Job) -> float:
        return job.started + self.every

    def next(self, job: Job, now: float) -> float:
        return max(now, job.due + self.every)

    def finished(self, job: Job, now: float) -> None:
        return None


class Ours:
    """
    What the core does with `generations.pace`: it learns from nothing but its own looks.

    :param past: how long the last renders took, before this began.
    :param knocked: whether those had knocked.
    :param learns: whether anything is added to that past.
    """

    KEPT = 100
    REFRESHED_EVERY = 10.0

    def __init__(
        self,
        *,
        past: Sequence[float] = (),
        batch: int = 1,
        under_way: int = 0,
        knocked: bool = False,
        learns: bool = True,
    ) -> None:
        self._spans = deque(past, maxlen=self.KEPT)
        self._knocks = deque([knocked] * len(past), maxlen=self.KEPT)
        self._batch, self._under_way, self._learns = batch, under_way, learns
        self._refresh(0.0)

    def first(self, job: Job) -> float:
        wait = pace.first_look(self._learned, self._asking)
        return pace.due(job.started, wait, self._asking)

    def next(self, job: Job, now: float) -> float:
        wait = pace.next_look(self._learned, self._asking, age=job.age(now))
        return pace.due(now, wait, self._asking)

    def finished(self, job: Job, now: float) -> None:
        knocked = job.age(job.knock) if job.knock <= now else None
        self._spans.append(pace.took(seen=job.age(now), at_work=job.at_work, knocked=knocked))
        self._knocks.append(knocked is not None)
        if self._learns and now > self._good_until:
            self._refresh(now)

    def _refresh(self, now: float) -> None:
        self._good_until = now + self.REFRESHED_EVERY
        self._learned = pace.learn(self._spans)
        knocks = sum(self._knocks) / (len(self._knocks) + 1)
        self._asking = pace.Asking(batch=self._batch, knocks=knocks, under_way=self._under_way)


@dataclass(slots=True)
class Figures:
    """What was measured. Lags are seconds from done to seen."""

    looks: int = 0
    requests: int = 0
    clips: int = 0
    lags: list[float] = field(default_factory=list)

    def lag(self, share: float) -> float:
        ordered = sorted(self.lags)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def looks_per_clip(self) -> float:
        return self.looks / self.clips

    @property
    def requests_per_clip(self) -> float:
        return self.requests / self.clips


@dataclass
class World:
    """
    One provider with so many jobs under way; each that ends is followed by another.

    :param clips: how many jobs there are in all.
    :param batch: how many jobs one request asks about.
    :param ramp: the first ones are accepted evenly over so many seconds.
    :param knocks: the share of jobs that knock when they are done.
    """

    asker: Asker
    render: Render
    in_flight: int
    clips: int
    batch: int = 1
    ramp: float = 93.0
    knocks: float = 0.0
    seed: int = 1
    figures: Figures = field(default_factory=Figures)

    def run(self) -> Figures:
        self._random = random.Random(self.seed)
        self._queue: list[tuple[float, int, Job]] = []
        self._numbers = count()
        for place in range(self.in_flight):
            self._accept(self.ramp * place / self.in_flight)
        now = 0.0
        while self._queue:
            now = self._next_pass(now)
            self._ask(list(self._due_by(now)), now)
        return self.figures

    def _accept(self, now: float) -> None:
        job = Job(started=now, done=now + self.render(self._random))
        if self._random.random() < self.knocks:
            job.knock = job.done + self._random.uniform(*KNOCK_AFTER)
        self.figures.clips += 1
        self._plan(job, self.asker.first(job))

    def _plan(self, job: Job, due: float) -> None:
        """At its time, or at the knock."""
        job.due = due
        heapq.heappush(self._queue, (min(due, job.knock), next(self._numbers), job))

    def _next_pass(self, now: float) -> float:
        gap = self._random.uniform(*PASSES)
        return max(now, self._queue[0][0] - PASSES[0]) + gap

    def _due_by(self, now: float) -> Iterator[Job]:
        while self._queue and self._queue[0][0] <= now:
            yield heapq.heappop(self._queue)[2]

    def _ask(self, jobs: list[Job], now: float) -> None:
        """One pass, in as few requests as the provider allows."""
        self.figures.requests += math.ceil(len(jobs) / self.batch)
        for job in jobs:
            job.looks += 1
            if job.done <= now + ANSWER / 2:
                self._finish(job, now + ANSWER)
            else:
                self._go_on(job, now + ANSWER)

    def _finish(self, job: Job, now: float) -> None:
        self.figures.lags.append(now - job.done)
        self.asker.finished(job, now)
        self._end(job, now)

    def _go_on(self, job: Job, now: float) -> None:
        if job.age(now) > OVERDUE:
            self._end(job, now)
            return
        job.at_work = job.age(now)
        self._plan(job, self.asker.next(job, now))

    def _end(self, job: Job, now: float) -> None:
        self.figures.looks += job.looks
        if self.figures.clips < self.clips:
            self._accept(now)
