"""
What happens to every order before and after a company's own rules: which knobs apply to it, which
faults fire and how often, and what its client gets in the end. The same for every company.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aiohttp import web

from generations.sandbox import faults, knobs
from generations.sandbox.faults import Refusal, Writer
from generations.sandbox.knobs import ALWAYS, KNOBS, Setting, Settings
from generations.sandbox.records import Job

if TYPE_CHECKING:
    from generations.sandbox.parts import Parts

#: Knobs that are looked up when an order comes in. They stay with the job.
PLACES = ("submit", "render", "answer", "webhook", "result")

#: How long a submit waits for its own webhook when told to (knob `webhook-early`).
LONGEST_WAIT = 50.0


class Reception:
    """The door of one company."""

    def __init__(self, name: str, parts: Parts) -> None:
        self._name = name
        self._parts = parts

    def arrived(self, *, uuid: str | None, prompt: str) -> Settings:
        """Count a submission, and find what its prompt and the control endpoint turn."""
        if uuid:
            self._parts.records.saw(provider=self._name, uuid=uuid, prompt=prompt)
        self._parts.notes.count(f"{self._name}.submits")
        words = knobs.in_prompt(prompt, self._name).items()
        fresh = {name: setting for name, setting in words if not self._spent(prompt, name, setting)}
        return {**fresh, **self._parts.notes.take(self._name, *PLACES)}

    async def before(
        self, request: web.Request, orders: Sequence[tuple[str, Settings]], write: Writer
    ) -> web.StreamResponse | None:
        """A fault that keeps the whole request, of prompts and their knobs, from being accepted."""
        for prompt, settings in orders:
            self._strike(prompt, settings, faults.BEFORE_ALL)
        merged = {name: setting for _, settings in orders for name, setting in settings.items()}
        return await faults.before(request, merged, write)

    def refusal(self, prompt: str, settings: Settings) -> Refusal | None:
        """A fault of this order alone."""
        refusal = faults.of_one_order(settings)
        if refusal:
            self._strike(prompt, settings, faults.BEFORE_ONE)
        return refusal

    def due_at(self, settings: Settings, now: float) -> float | None:
        """When a render that begins now is over; None is never."""
        if "never" in settings:
            return None
        slow = knobs.number(settings, "slow")
        return now + (self._parts.settings.render_seconds if slow is None else slow)

    async def after(
        self, request: web.Request, jobs: Sequence[Job], write: Writer
    ) -> web.StreamResponse | None:
        """What the client gets instead of the answer, if a knob of a new job wants it so."""
        for job in jobs:
            if "webhook-early" in job.knobs and job.webhook_url:
                await self._parts.deliveries.first_try(job, within=LONGEST_WAIT)
        merged = {name: setting for job in jobs for name, setting in job.knobs.items()}
        return await faults.after(request, merged, write)

    async def asked(
        self, request: web.Request, jobs: Sequence[Job], write: Writer
    ) -> web.StreamResponse | None:
        """Count a question about these jobs; a fault of it, or None to answer truly."""
        self._parts.notes.count(f"{self._name}.polls")
        self._parts.records.polled(jobs)
        settings = self._parts.notes.take(self._name, "poll")
        for job in jobs:
            for name, setting in job.knobs.items():
                fresh = setting.times == ALWAYS or job.polls < setting.times
                if KNOBS[name].where == "poll" and fresh:
                    settings[name] = setting
        return await faults.polling(request, settings, write)

    def _strike(self, prompt: str, settings: Settings, names: Iterable[str]) -> None:
        """Remember that these knobs have fired for this prompt."""
        for name in set(names) & set(settings):
            self._parts.notes.strike(self._name, prompt, name)

    def _spent(self, prompt: str, name: str, setting: Setting) -> bool:
        """Whether a prompt word has fired as often as it should for this order."""
        counted = name in (*faults.BEFORE_ALL, *faults.BEFORE_ONE) and setting.times != ALWAYS
        return counted and self._parts.notes.strikes(self._name, prompt, name) >= setting.times
