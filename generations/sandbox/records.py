"""Jobs and their results, as rows."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from generations.sandbox.art.words import seed_of
from generations.sandbox.clip import Clip
from generations.sandbox.knobs import Setting
from generations.sandbox.store import Store

Problem = Mapping[str, str]  # code, message


@dataclass(frozen=True, slots=True)
class Job:
    """
    One accepted order.

    :param request: what the provider was sent, in its own words.
    :param price: of all results together, in micro-dollars.
    :param due_at: when its scripted render time is over; None is never.
    :param error: why it failed, `{code, message}`.
    """

    provider: str
    uuid: str
    prompt: str
    request: Mapping[str, Any]
    clip: Clip
    price: int
    accepted_at: float
    due_at: float | None
    count: int = 1
    knobs: Mapping[str, Setting] = field(default_factory=dict)
    webhook_url: str | None = None
    upload_url: str | None = None
    ttl: int | None = None
    state: str = "rendering"
    posts: int = 1
    polls: int = 0
    billed: int = 0
    finished_at: float | None = None
    error: Problem | None = None

    def progress(self, now: float) -> int:
        """Percent of the scripted time, never 100 before it is done."""
        if self.due_at is None or self.due_at <= self.accepted_at:
            return 50
        share = (now - self.accepted_at) / (self.due_at - self.accepted_at)
        return max(0, min(99, round(100 * share)))


@dataclass(frozen=True, slots=True)
class Result:
    """One clip of a job: `path` when it succeeded, `error` when it failed, neither before."""

    uuid: str
    provider: str
    job: str
    place: int
    seed: int
    path: str | None
    error: Problem | None
    downloads: int


class Records:
    """The jobs and results of every provider."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def saw(self, *, provider: str, uuid: str, prompt: str) -> None:
        """A submission with this uuid was read, whatever becomes of it."""
        self._store.run(
            "INSERT INTO jobs (provider, uuid, state, posts, polls, prompt, billed, accepted_at)"
            " VALUES (?, ?, 'refused', 1, 0, ?, 0, ?)"
            " ON CONFLICT DO UPDATE SET posts = posts + 1",
            provider, uuid, prompt, time.time(),
        )  # fmt: skip

    def accept(self, job: Job) -> None:
        """Store a job and its empty results; `saw` has made its row."""
        with self._store.transaction():
            self._store.run(
                "UPDATE jobs SET state = 'rendering', prompt = ?, request = ?, knobs = ?, clip = ?,"
                " count = ?, price = ?, webhook_url = ?, upload_url = ?, ttl = ?, accepted_at = ?,"
                " due_at = ? WHERE provider = ? AND uuid = ?",
                job.prompt, json.dumps(job.request), _knobs_text(job.knobs),
                json.dumps(asdict(job.clip)), job.count, job.price, job.webhook_url,
                job.upload_url, job.ttl, job.accepted_at, job.due_at, job.provider, job.uuid,
            )  # fmt: skip
            for place in range(job.count):
                self._store.run(
                    "INSERT INTO results VALUES (?, ?, ?, ?, ?, NULL, NULL, 0)",
                    str(uuids.uuid4()), job.provider, job.uuid, place,
                    seed_of(job.clip.prompt, job.clip.variation + place),
                )  # fmt: skip

    def job(self, provider: str, uuid: str) -> Job | None:
        """An accepted job."""
        row = self._store.row(
            "SELECT * FROM jobs WHERE provider = ? AND uuid = ? AND state <> 'refused'",
            provider, uuid,
        )  # fmt: skip
        return _job(row) if row else None

    def rendering(self) -> list[Job]:
        return [
            _job(row) for row in self._store.rows("SELECT * FROM jobs WHERE state = 'rendering'")
        ]

    def everything(self) -> list[dict[str, Any]]:
        """Every uuid ever posted, refused ones too, for the control endpoint."""
        rows = self._store.rows("SELECT * FROM jobs ORDER BY accepted_at")
        names = ("provider", "uuid", "state", "posts", "polls", "billed", "price", "prompt")
        times = ("accepted_at", "due_at", "finished_at")
        return [{name: row[name] for name in (*names, *times)} for row in rows]

    def results(self, job: Job) -> list[Result]:
        rows = self._store.rows(
            "SELECT * FROM results WHERE provider = ? AND job = ? ORDER BY place",
            job.provider, job.uuid,
        )  # fmt: skip
        return [_result(row) for row in rows]

    def result(self, uuid: str) -> Result | None:
        row = self._store.row("SELECT * FROM results WHERE uuid = ?", uuid)
        return _result(row) if row else None

    def succeed(self, result: Result, path: str) -> None:
        self._store.run("UPDATE results SET path = ? WHERE uuid = ?", path, result.uuid)

    def fail(self, result: Result, problem: Problem) -> None:
        text = json.dumps(problem)
        self._store.run("UPDATE results SET error = ? WHERE uuid = ?", text, result.uuid)

    def finish(self, job: Job, *, error: Problem | None, billed: int) -> bool:
        """Close a job once; whether this call did it."""
        state, text = ("failed", json.dumps(error)) if error else ("succeeded", None)
        touched = self._store.run(
            "UPDATE jobs SET state = ?, error = ?, billed = ?, finished_at = ?"
            " WHERE provider = ? AND uuid = ? AND state = 'rendering'",
            state, text, billed, time.time(), job.provider, job.uuid,
        )  # fmt: skip
        return touched == 1

    def polled(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._store.run(
                "UPDATE jobs SET polls = polls + 1 WHERE provider = ? AND uuid = ?",
                job.provider, job.uuid,
            )  # fmt: skip

    def downloaded(self, result: Result) -> None:
        self._store.run("UPDATE results SET downloads = downloads + 1 WHERE uuid = ?", result.uuid)


def _knobs_text(knobs: Mapping[str, Setting]) -> str:
    return json.dumps({name: [setting.value, setting.times] for name, setting in knobs.items()})


def _job(row: sqlite3.Row) -> Job:
    values = dict(row)
    values["request"] = json.loads(values["request"])
    values["knobs"] = {name: Setting(*pair) for name, pair in json.loads(values["knobs"]).items()}
    values["clip"] = Clip(**json.loads(values["clip"]))
    values["error"] = json.loads(values["error"]) if values["error"] else None
    return Job(**values)


def _result(row: sqlite3.Row) -> Result:
    values = dict(row)
    values["error"] = json.loads(values["error"]) if values["error"] else None
    return Result(**values)
