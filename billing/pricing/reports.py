"""
What others tell billing, which knows no videos: what can be priced, and what it cost and brought.

An app registers functions here when it starts. All amounts are micro-dollars.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Catalogue:
    """
    Providers and SKUs that exist.

    `obstacles` says why a provider does not take a SKU although it may have a price: switched
    off, or unable to make it.
    """

    providers: frozenset[str] = frozenset()
    skus: tuple[str, ...] = ()
    obstacles: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reported:
    """
    Clips of one provider and SKU that had the same table cost, and for which a cost was reported.

    `table_cost` and `reported_cost` are sums over these clips.
    """

    provider: str
    sku: str
    table_cost: int
    reported_cost: int
    clips: int


@dataclass(frozen=True, slots=True)
class Fact:
    """
    What one provider and SKU brought and cost in a month (its first day, UTC).

    `price` is what customers paid after refunds, `table_cost` what the table said, `reported_cost`
    what the provider said where it did, `cost` the provider's word or else the table's: all three
    for delivered clips. `failures` are the ones that cost us without a clip, `failure_cost` how
    much.
    """

    month: date
    provider: str
    sku: str
    clips: int
    price: int
    table_cost: int
    reported_cost: int
    cost: int
    failures: int
    failure_cost: int


@dataclass(frozen=True, slots=True)
class Job:
    """
    One job we gave a provider. `names` are all names it may bear on a bill: job id, task id.

    `expected` is what we think they bill; nothing for one that ended without a clip.
    """

    names: tuple[str, ...]
    sku: str
    expected: int
    at: datetime
    outcome: str


TellCatalogue = Callable[[], Catalogue]
TellReported = Callable[[datetime], Iterable[Reported]]
TellFacts = Callable[[datetime, datetime], Iterable[Fact]]
TellJobs = Callable[[str, datetime, datetime, Collection[str]], Iterable[Job]]

_catalogues: list[TellCatalogue] = []
_reported: list[TellReported] = []
_facts: list[TellFacts] = []
_jobs: list[TellJobs] = []


def register_catalogue(tell: TellCatalogue) -> TellCatalogue:
    """`tell()` gives what can be priced."""
    _catalogues.append(tell)
    return tell


def register_reported(tell: TellReported) -> TellReported:
    """`tell(since)` gives one row per provider, SKU and table cost; one query with GROUP BY."""
    _reported.append(tell)
    return tell


def register_facts(tell: TellFacts) -> TellFacts:
    """`tell(start, end)` gives the months from start (included) to end (not included)."""
    _facts.append(tell)
    return tell


def register_jobs(tell: TellJobs) -> TellJobs:
    """
    `tell(provider, start, end, named)` gives the jobs of that time, and whatever is named.

    Names come in lower case; a job may be told twice.
    """
    _jobs.append(tell)
    return tell


@contextmanager
def alone() -> Iterator[None]:
    """Inside, nobody is registered but who registers there: for tests that tell for themselves."""
    everything: list[list[Any]] = [_catalogues, _reported, _facts, _jobs]
    before = [list(registered) for registered in everything]
    for registered in everything:
        registered.clear()
    yield
    for registered, was in zip(everything, before, strict=True):
        registered[:] = was


def catalogue() -> Catalogue:
    told = [tell() for tell in _catalogues]
    return Catalogue(
        providers=frozenset().union(*(one.providers for one in told)),
        skus=tuple(dict.fromkeys(sku for one in told for sku in one.skus)),
        obstacles={pair: why for one in told for pair, why in one.obstacles.items()},
    )


def reported(*, since: datetime) -> list[Reported]:
    return [one for tell in _reported for one in tell(since)]


def facts(*, start: datetime, end: datetime) -> list[Fact]:
    return [one for tell in _facts for one in tell(start, end)]


def jobs(*, provider: str, start: datetime, end: datetime, named: Collection[str]) -> list[Job]:
    return [one for tell in _jobs for one in tell(provider, start, end, named)]
