"""
What a reference of the books is about, told by the app that it belongs to.

Billing knows `generation:<32 hex digits>` and nothing of clips. The app behind a kind of
reference registers how to describe some of them (asked once for each page of lines) and, if it
likes, the table its facts stand in, so that sums over a million of them are made by the database.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

__all__ = ["Details", "Facts", "describe", "facts", "forget", "register"]


@dataclass(frozen=True, slots=True)
class Details:
    """What a line says beside the money; empty where it is not known."""

    public_id: str = ""
    model: str = ""
    request_id: str = ""
    provider: str = ""
    provider_job_id: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """
    The table behind a kind of reference: its UUID key, and which column holds which fact.

    Table and columns go into SQL as they are: they are code, never input.
    """

    table: str
    columns: Mapping[str, str]
    key: str = "id"


KIND = re.compile(r"[a-z][a-z0-9-]*")

Describe = Callable[[Collection[str]], Mapping[str, Details]]


@dataclass(frozen=True, slots=True)
class _Source:
    describe: Describe
    facts: Facts | None = field(default=None)


_sources: dict[str, _Source] = {}


def register(kind: str, describe: Describe, *, facts: Facts | None = None) -> None:
    """From now on `describe` is asked about references that begin with `kind:`."""
    if not KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} cannot be the kind of a reference")
    _sources[kind] = _Source(describe, facts)


def forget(kind: str) -> None:
    """Nobody is asked about this kind any more."""
    _sources.pop(kind, None)


def describe(references: Collection[str]) -> dict[str, Details]:
    """What is known of these references; those nobody knows are left out."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for reference in references:
        by_kind[reference.partition(":")[0]].add(reference)
    known: dict[str, Details] = {}
    for kind, asked in by_kind.items():
        if source := _sources.get(kind):
            known.update(source.describe(asked))
    return known


def facts() -> dict[str, Facts]:
    """The tables that can be joined, by kind of reference."""
    return {kind: source.facts for kind, source in _sources.items() if source.facts}
