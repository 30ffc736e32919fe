"""
The life of a job: accepted, rendered for its scripted time, finished, billed, announced.

One sleeping coroutine per job under way. All it needs is in the store, so that a sandbox that was
killed takes every job up again where it was.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from generations.sandbox import knobs
from generations.sandbox.deliveries import Deliveries
from generations.sandbox.notes import Notes
from generations.sandbox.providers.base import Announcer
from generations.sandbox.records import Job, Problem, Records, Result
from generations.sandbox.renderer import Renderer, RenderError
from generations.sandbox.store import Store

log = logging.getLogger(__name__)


class Work:
    def __init__(
        self,
        *,
        store: Store,
        records: Records,
        notes: Notes,
        renderer: Renderer,
        deliveries: Deliveries,
        announcers: Mapping[str, Announcer],
    ) -> None:
        self._store = store
        self._records = records
        self._notes = notes
        self._renderer = renderer
        self._deliveries = deliveries
        self._announcers = announcers
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def resume(self) -> None:
        """Go on with every job that was under way."""
        for job in self._records.rendering():
            self._start(job)

    def accept(self, job: Job) -> None:
        """Store a job and begin it."""
        with self._store.transaction():
            self._records.accept(job)
            self._notes.reserve(job.provider, job.price)
            self._notes.forget_strikes(job.provider, job.prompt)
            self._notes.count(f"{job.provider}.accepted")
            self._herald(job)
        self._start(job)

    async def outcome(self, job: Job) -> Job:
        """The job once it has ended; a render that never ends is waited for as long."""
        if job.due_at is None:
            await asyncio.Event().wait()
        if task := self._tasks.get((job.provider, job.uuid)):
            await asyncio.wait({task})
        return self._records.job(job.provider, job.uuid) or job

    async def drop(self) -> None:
        """Stop following jobs; they stay in the store."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, job: Job) -> None:
        if job.due_at is None:
            return
        task = asyncio.get_running_loop().create_task(self._follow(job))
        self._tasks[job.provider, job.uuid] = task
        task.add_done_callback(lambda _: self._tasks.pop((job.provider, job.uuid), None))

    async def _follow(self, job: Job) -> None:
        problem = self._announcers[job.provider].failure(job)
        rendering = [] if problem else [self._rendered(job, r) for r in self._records.results(job)]
        outcomes, _ = await asyncio.gather(asyncio.gather(*rendering), _until(job.due_at))
        self._finish(job, problem, outcomes)

    async def _rendered(self, job: Job, result: Result) -> tuple[Result, Path | Problem]:
        """One clip of the job, or why there is none."""
        if "fail-one" in job.knobs and result.place == job.count - 1:
            return result, {"code": "taskFailed", "message": "This result could not be rendered."}
        seconds = knobs.number(job.knobs, "result-duration") or job.clip.seconds
        clip = replace(job.clip, variation=job.clip.variation + result.place, seconds=seconds)
        try:
            return result, await self._renderer.clip(clip, stock="stock" in job.knobs)
        except RenderError as error:
            log.error("job %s could not be rendered: %s", job.uuid, error)
            return result, self._announcers[job.provider].broken()

    def _finish(
        self, job: Job, problem: Problem | None, outcomes: list[tuple[Result, Path | Problem]]
    ) -> None:
        """Write the outcome, bill what succeeded and owe the announcements, all at once."""
        made = [(result, file) for result, file in outcomes if isinstance(file, Path)]
        failed = [(result, why) for result, why in outcomes if not isinstance(why, Path)]
        if not problem and not made:
            problem = failed[0][1]
        billed = job.price * len(made) // job.count
        if problem and self._announcers[job.provider].bills(job, problem):
            billed = job.price
        with self._store.transaction():
            if not self._records.finish(job, error=problem, billed=billed):
                return
            for result, file in made:
                self._records.succeed(result, str(file))
            for result, why in failed:
                self._records.fail(result, why)
            self._notes.settle(job.provider, price=job.price, billed=billed)
            self._notes.count(f"{job.provider}.{'failed' if problem else 'succeeded'}")
            self._announce(job, [file for _, file in made])

    def _herald(self, job: Job) -> None:
        """Owe what is told of a job before it has an outcome, and a lie if one is wanted."""
        if not job.webhook_url:
            return
        announcer = self._announcers[job.provider]
        if "webhook-forged" in job.knobs:
            self._deliveries.owe_webhook(job, announcer.lie(job))
        if "webhook-never" not in job.knobs:
            for body in announcer.beginnings(job):
                self._deliveries.owe_webhook(job, body)

    def _announce(self, job: Job, files: list[Path]) -> None:
        finished = self._records.job(job.provider, job.uuid)
        if finished is None:
            return
        self._announcers[job.provider].ended(finished)
        if job.upload_url:
            for file in files:
                self._deliveries.owe_upload(finished, file)
        if not job.webhook_url or "webhook-never" in job.knobs:
            return
        announcer = self._announcers[job.provider]
        after = knobs.number(job.knobs, "webhook-late") or 0.0
        for body in announcer.announcements(finished):
            for _ in range(round(knobs.number(job.knobs, "webhook-twice") or 1)):
                self._deliveries.owe_webhook(finished, body, after=after)
        if "webhook-reordered" in job.knobs:
            for step, body in enumerate(announcer.contradictions(finished), start=1):
                self._deliveries.owe_webhook(finished, body, after=after + 0.3 * step)


async def _until(moment: float | None) -> None:
    await asyncio.sleep(max(0.0, (moment or 0.0) - time.time()))
