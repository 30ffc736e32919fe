"""What a company's file provides, and what it is given to work with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from aiohttp import web

from generations.sandbox import knobs
from generations.sandbox.records import Job, Problem

if TYPE_CHECKING:
    from generations.sandbox.parts import Parts

Body = dict[str, Any]


class Announcer(Protocol):
    """Speaks for a company: how its jobs fail, and what its webhooks say."""

    def failure(self, job: Job) -> Problem | None:
        """Why a job is going to fail, in the company's words; None when it is to be rendered."""
        ...

    def broken(self) -> Problem:
        """What the company says when a render really went wrong."""
        ...

    def bills(self, job: Job, problem: Problem) -> bool:
        """Whether a job that failed like this is billed all the same."""
        ...

    def ended(self, job: Job) -> None:
        """A job has just ended, inside the transaction that ended it."""
        ...

    def beginnings(self, job: Job) -> Sequence[Body]:
        """The true webhooks of a job that has just been accepted."""
        ...

    def announcements(self, job: Job) -> Sequence[Body]:
        """The true webhooks of a finished job, in order."""
        ...

    def contradictions(self, job: Job) -> Sequence[Body]:
        """What must not be believed after them: a stale body, and one that says the opposite."""
        ...

    def lie(self, job: Job) -> Body:
        """A body that says a job under way has succeeded, with a file of somebody else's."""
        ...


class Player(ABC):
    """
    One company: its addresses, and its words for everything. It is its own Announcer.

    A company without webhooks owes none, so their three methods need not be there.
    """

    name: ClassVar[str]

    #: Its code and words for a render that is told to fail, by knob; `fail` is one of them.
    failures: ClassVar[Mapping[str, Problem]]

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @abstractmethod
    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Its endpoints, below `/<name>`."""

    def failure(self, job: Job) -> Problem | None:
        for name, problem in self.failures.items():
            if name in job.knobs:
                return {**problem, "code": knobs.chosen(job.knobs, name) or problem["code"]}
        return None

    def broken(self) -> Problem:
        return self.failures["fail"]

    def bills(self, job: Job, problem: Problem) -> bool:
        return "fail-billed" in job.knobs

    def ended(self, job: Job) -> None:
        return None

    def beginnings(self, job: Job) -> Sequence[Body]:
        return ()

    def announcements(self, job: Job) -> Sequence[Body]:
        return ()

    def contradictions(self, job: Job) -> Sequence[Body]:
        return ()

    def lie(self, job: Job) -> Body:
        return {}
