"""
Runware's answers, taken apart: which tasks they speak of, and in which words.

Nothing here is believed to have the type that a document promises (providers.md 12, trap 9).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import httpx

from generations.providers import http
from generations.providers.base import JobState

logger = logging.getLogger(__name__)

Entry = dict[str, object]

#: Their word for a task's state --> ours (providers.md 2.3). An unknown word keeps it running.
STATES = {
    "error": JobState.FAILED,
    "pending": JobState.WORKING,
    "processing": JobState.WORKING,
    "success": JobState.DONE,
}


@dataclass(frozen=True)
class Answer:
    """What an answer says of tasks (`data`), and what it complains about (`errors`)."""

    items: tuple[Entry, ...] = ()
    errors: tuple[Entry, ...] = ()
    readable: bool = False

    @classmethod
    def to(cls, response: httpx.Response) -> Answer:
        return cls.of(http.read(response.content))

    @classmethod
    def of(cls, body: object) -> Answer:
        """Poll answers are wrapped, webhooks are flat (providers.md 2.7): read either."""
        if isinstance(body, list):
            found = tuple(http.objects(body))
            return cls(items=found, readable=bool(found))
        members = http.fields(body)
        items = http.objects(members.get("data"))
        errors = http.objects(members.get("errors"))
        if "taskType" in members:
            items.append(members)
        elif members.get("error"):  # the form of an error before a stream begins
            errors.append({"taskUUID": members.get("taskUUID"), **inner(members)})
        readable = bool(members.keys() & {"data", "errors", "error", "taskType"})
        return cls(items=tuple(items), errors=tuple(errors), readable=readable)

    def about(self, task: str) -> list[Entry]:
        return self._items.get(task, [])

    def against(self, task: str) -> list[Entry]:
        """Errors that name a task; for "", those that name none: they concern all."""
        return self._errors.get(task, [])

    def complaints(self, task: str) -> list[Entry]:
        """What went wrong with a task: its failed item, its errors, and those of the whole."""
        failed = [inner(item) for item in self.about(task) if state_of(item) is JobState.FAILED]
        return [*failed, *self.against(task), *self.against("")]

    def tasks(self) -> list[str]:
        return [task for task in (*self._items, *self._errors) if task_name(task)]

    @cached_property
    def _items(self) -> dict[str, list[Entry]]:
        return _by_task(self.items)

    @cached_property
    def _errors(self) -> dict[str, list[Entry]]:
        return _by_task(self.errors)


def _by_task(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(_task_of(entry), []).append(entry)
    return found


def _task_of(entry: Entry) -> str:
    """The task an entry names; "" when it names none, "?" when the name cannot be read."""
    named = entry.get("taskUUID")
    return "" if named in (None, "") else task_name(named) or "?"


def task_name(value: object) -> str | None:
    """A taskUUID as we write it."""
    try:
        return str(uuid.UUID(http.text(value)))
    except ValueError:
        return None


def state_of(item: Entry) -> JobState:
    """The seed lists no `status` at all, so a task without one is judged by what it carries."""
    status = item.get("status")
    if status is None:
        if item.get("error"):
            return JobState.FAILED
        return JobState.DONE if http.link(item.get("videoURL")) else JobState.WORKING
    state = STATES.get(http.text(status).lower())
    if state is None:
        logger.warning("Runware reports a task status that we do not know")
    return state or JobState.WORKING


def inner(entry: Entry) -> Entry:
    """An item of `data` nests its error, an entry of `errors` is one (providers.md 2.3)."""
    return {**entry, **http.fields(entry.get("error"))}


def is_failed_render(error: Entry) -> bool:
    """Failed renders are moved to `errors` with their status (runware.ai: task-polling)."""
    return STATES.get(http.text(error.get("status")).lower()) is JobState.FAILED


def balance_of(item: Entry) -> Decimal | None:
    """A number in the documents, an object with an amount in the generated types (2.4)."""
    value = item.get("balance")
    members = http.fields(value)
    if not members:
        return http.dollars(value)
    named = [members.get(name) for name in ("amount", "balance")]
    numbers = [http.dollars(number) for number in (*named, *members.values())]
    return next((number for number in numbers if number is not None), None)
