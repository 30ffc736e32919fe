"""What a company's file provides, and what it is given to work with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from aiohttp import web

from generations.sandbox.records import Job

if TYPE_CHECKING:
    from generations.sandbox.parts import Parts

Body = dict[str, Any]


class Announcer(Protocol):
    """Writes a company's webhooks."""

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
    """One company: its addresses, and its words for everything. It is its own Announcer."""

    name: ClassVar[str]

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @abstractmethod
    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Its endpoints, below `/<name>`."""

    @abstractmethod
    def announcements(self, job: Job) -> Sequence[Body]: ...

    @abstractmethod
    def contradictions(self, job: Job) -> Sequence[Body]: ...

    @abstractmethod
    def lie(self, job: Job) -> Body: ...
