"""
When to look at a job: as seldom as possible, and still soon after it is done. Pure.

One rule for the first look and for every later one: find the age by which the job will be done
with a small chance, given that it was at work just now, and look `patience` after that. So hardly
any job waits longer than `patience` for its look; nobody is asked where next to nothing is ever
done (before the usual time, or between two usual times); and where "done" is likely, looks follow
each other about every `patience` seconds.

No rule tried needs fewer looks for the same lag. With lognormal times (median 90 s, sigma 0.25)
known exactly and a lag p95 of 4.3 s: this rule 9.2 looks; equal steps from the best first look on
9.3, but those cannot leave out a gap; steps by the root of the hazard 10.6. Fixed 5 s polling: 19
looks at 4.75 s. `bench/looks.py` measures it with everything learned from its own looks.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist, median

#: Seconds that a finished job may well wait: asked about alone, or with others in one request.
PATIENCE = 3.6
PATIENCE_IN_BATCHES = 1.0
#: Quick jobs are waited for less patiently: a quarter of their age, at least a second.
PART_OF_AGE = 0.25
LEAST = 1.0
#: The longest wait between two looks, in seconds: where looks find jobs, or where knocks do.
MOST = 12.0
MOST_WITH_KNOCKS = 20.0

#: The chance with which a job may be done more than `patience` before its look: at most so much …
WORTH = 0.03
#: … and for all the looks within the usual times together so much, however many they are …
LATE = 0.12
#: … but at least so much as long as there is no past, where usual times are anybody's guess.
UNSURE = 0.01
#: A safety net waits until the knocks of so many have come.
KNOCKED = 0.75
#: The first look comes by this part of the usual time, in case they have become faster.
FIRST_BY = 2 / 3

#: What we believe without a past, seconds (providers.md 0.2: 1 to 5 min, MiniMax 80 to 110 s) …
USUALLY = 100.0
SPREAD = 0.5
#: … and that anything may happen: instant providers, and jobs that never end.
SHORTEST = 1.0
LONGEST = 1e5
#: Each belief counts as much as so many past renders.
USUAL_COUNTS = 3
ANYTHING_COUNTS = 1
#: A past render speaks for times around it too: so many standard deviations away.
AROUND = tuple(NormalDist().inv_cdf((step + 0.5) / 9) for step in range(9))
#: A job found done at its first look took some part of that time.
FOUND_AT_ONCE = 0.75

#: Looks at one provider asked in batches fall on multiples of this, in seconds, or of a half, a
#: quarter or an eighth of it as long as the jobs at each of them still fill so many requests.
TOGETHER = 1.5
FINEST = TOGETHER / 8
FULL_REQUESTS = 4
#: The share of the jobs under way that are past their first look.
PAST_FIRST_LOOK = 1 / 3


@dataclass(frozen=True, slots=True)
class Asking:
    """
    How a provider is asked just now.

    :param batch: jobs in one request.
    :param knocks: of its last finished jobs, the share that knocked before a look found them.
    :param under_way: its jobs under way, all SKUs together. Matters only for batches.
    """

    batch: int = 1
    knocks: float = 0.0
    under_way: int = 0

    @property
    def patience(self) -> float:
        return PATIENCE if self.batch == 1 else PATIENCE_IN_BATCHES

    @property
    def most(self) -> float:
        return min(MOST_WITH_KNOCKS, MOST / self._silent)

    def worth(self, chance: float) -> float:
        """A look finds only what does not knock, so more must be done to be worth a look."""
        return min(KNOCKED, chance / self._silent)

    @property
    def _silent(self) -> float:
        return max(1e-9, 1 - self.knocks)


@dataclass(frozen=True, slots=True)
class Learned:
    """
    How long renders take: a table of ages, each step of it equally likely. Made by `learn`.

    :param logs: logarithms of seconds, rising; between two the share done grows evenly.
    :param count: from how many past renders it was learned.
    """

    logs: tuple[float, ...]
    count: int

    @property
    def usual(self) -> float:
        """The median, in seconds."""
        return self.age_when(0.5)

    def done_by(self, age: float) -> float:
        """The share of jobs done by this age in seconds, from 0 to 1."""
        place = math.log(max(age, 1e-9))
        above = bisect_right(self.logs, place)
        if above == 0 or above == len(self.logs):
            return float(above > 0)
        low, high = self.logs[above - 1], self.logs[above]
        return (above - 1 + (place - low) / (high - low)) / (len(self.logs) - 1)

    def age_when(self, share: float) -> float:
        """The age in seconds by which this share of jobs is done; infinite for all of them."""
        rank = share * (len(self.logs) - 1)
        below = int(rank)
        if below >= len(self.logs) - 1:
            return math.inf
        low, high = self.logs[below], self.logs[below + 1]
        return math.exp(low + (high - low) * (rank - below))

    def age_after(self, age: float, chance: float) -> float:
        """The age by which a job still at work at `age` will be done with this chance."""
        done = self.done_by(age)
        return max(age, self.age_when(done + chance * (1 - done)))


def learn(spans: Iterable[float]) -> Learned:
    """
    What the last finished renders tell, in seconds; without any, what the providers' pages say.

    A smoothed table, not a fitted lognormal, and not the bare past. After 100 renders that take
    40 or 150 s the table needs 12 looks, a fit 21, since it looks all the time between the two;
    after five renders the lag p95 is 3.7 s with the table, 5.5 s with a fit and 9.6 s with the
    bare past, which knows nothing beyond the slowest of the five.
    """
    logs = [math.log(min(LONGEST, max(SHORTEST, span))) for span in spans]
    usual = median(logs) if logs else math.log(USUALLY)
    return Learned(tuple(sorted(_smoothed(logs) + _believed(usual) + _anything())), len(logs))


def took(*, seen: float, at_work: float | None = None, knocked: float | None = None) -> float:
    """
    How long a render took, as well as we can know it, for `learn`. All are ages in seconds.

    :param seen: when a look found it done.
    :param at_work: when the last look before that found it still at work, if there was one.
    :param knocked: when the provider's last knock came, if one came.
    """
    if knocked is not None and (at_work or 0.0) <= knocked <= seen:
        return knocked
    return seen * FOUND_AT_ONCE if at_work is None else (at_work + seen) / 2


def first_look(learned: Learned, asking: Asking) -> float:
    """Seconds from the acceptance of a job to the first look at it."""
    age = learned.age_when(asking.worth(WORTH))
    if asking.worth(WORTH) < KNOCKED:
        age = min(age, FIRST_BY * learned.usual)
    return age + _patience(asking, age)


def next_look(learned: Learned, asking: Asking, *, age: float) -> float:
    """Seconds until the next look at a job that was still at work at this age in seconds."""
    then = learned.age_after(age, asking.worth(_chance(learned, asking)))
    as_long_again = max(age, _patience(asking, age))
    return min(asking.most, as_long_again, then - age + _patience(asking, then))


def due(now: float, wait: float, asking: Asking) -> float:
    """
    When that look is due, in seconds since the epoch.

    Where jobs are asked about in batches, looks come together at shared instants: few jobs at
    common ones, so that requests are full; many spread over more, so that the work is even.
    """
    every = instants(asking)
    return round((now + wait) / every) * every if every else now + wait


def instants(asking: Asking) -> float:
    """How far apart the shared instants of this provider are, in seconds; 0 where it has none."""
    if asking.batch == 1:
        return 0.0
    every, jobs = TOGETHER, asking.under_way * PAST_FIRST_LOOK
    while every > FINEST and jobs / 2 >= FULL_REQUESTS * asking.batch:
        every, jobs = every / 2, jobs / 2
    return every


def _patience(asking: Asking, age: float) -> float:
    return min(asking.patience, max(LEAST, age * PART_OF_AGE))


def _chance(learned: Learned, asking: Asking) -> float:
    """The more looks fall within the usual times, the less each of them may be late."""
    spread = max(learned.age_when(0.9) - learned.age_when(0.1), learned.usual / 2)
    unsure = UNSURE * USUAL_COUNTS / (USUAL_COUNTS + learned.count)
    return max(unsure, min(WORTH, LATE * asking.patience / spread))


def _smoothed(logs: list[float]) -> list[float]:
    """Every past render with its neighbourhood: the fewer they are, the wider."""
    width = 0.03 + 0.25 / math.sqrt(len(logs)) if logs else 0.0
    return [log + width * step for log in logs for step in AROUND]


def _believed(usual: float) -> list[float]:
    """Times of the same order: they may have become faster or slower."""
    count = USUAL_COUNTS * len(AROUND)
    steps = (NormalDist().inv_cdf((step + 0.5) / count) for step in range(count))
    return [usual + SPREAD * step for step in steps]


def _anything() -> list[float]:
    """Every order of magnitude is equally likely."""
    count = ANYTHING_COUNTS * len(AROUND)
    return [math.log(LONGEST) * step / count for step in range(count + 1)]
