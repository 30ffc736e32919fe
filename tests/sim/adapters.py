"""
Our side of the simulated providers: one plain JSON protocol in five kinds.

- Aurora, like Runware: knows our token, may be asked in batches, calls back.
- Basalt, like Cloudflare: answers when the clip is rendered; its logs know our token.
- Cedar, like ToAPIs: an upload before the order, nothing but polling, and one link for ever.
- Delta, like Pixazo: calls back, and can check a job that somebody named.
- Ember, like MiniMax: one question for the state and another one for the link; stops jobs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import httpx

from generations.providers import http
from generations.providers.base import (
    Accepted,
    Capabilities,
    Exchange,
    Failure,
    Job,
    JobState,
    Knock,
    Provider,
    ProviderError,
    Refused,
    RenderOrder,
    Route,
    Snapshot,
    Unavailable,
    Unclear,
)

STATES = {
    "waiting": JobState.WORKING,
    "working": JobState.WORKING,
    "done": JobState.DONE,
    "failed": JobState.FAILED,
    "unheard-of": JobState.MISSING,
}
FAILURES = {"moderation": "content_policy", "broken": "provider_error"}


def able(**more: Any) -> Capabilities:
    routes = (Route("hailuo-2.3", "text-to-video", "2.3"),)
    return Capabilities(routes=routes, image_forms=frozenset(), **more)


class Plain(Provider):
    """What all five have in common."""

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        response = yield self._post("jobs", _wish(order), repeatable=False)
        return self._accepted(order, response)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found = {}
        for job in jobs:
            response = yield self._get(f"jobs/{job.id}")
            if snapshot := self._said_of(job.id, response):
                found[job.id] = snapshot
        return found

    def balance(self) -> Exchange[Decimal]:
        response = yield self._get("balance")
        balance = http.dollars(http.fields(http.read(response.content)).get("balance"))
        if not response.is_success or balance is None:
            raise http.unanswered(response)
        return balance

    def webhook(self, *, headers: Mapping[str, str], body: bytes) -> Knock:
        said = http.read(body)
        if not isinstance(said, dict):
            raise ValueError("not an object")
        return Knock(http.job_name(said.get("id")) or None)

    def _accepted(self, order: RenderOrder, response: httpx.Response) -> Accepted:
        said = http.fields(http.read(response.content))
        if not response.is_success:
            raise _error(response, said)
        job_id = http.job_name(said.get("id"))
        if not job_id:
            raise Unclear("They took it and gave it no name.")
        return Accepted(job_id, raw=said)

    def _said_of(self, job_id: str, response: httpx.Response) -> Snapshot | None:
        """None where they speak of something else."""
        said = http.fields(http.read(response.content))
        if response.status_code == 404 and said:
            return Snapshot(JobState.MISSING)
        if not response.is_success or not said:
            raise http.unanswered(response)
        return _snapshot(said) if http.job_name(said.get("id")) == job_id else None

    def _get(self, path: str) -> httpx.Request:
        return http.get(f"{self.base_url}/{path}", headers={"X-Key": self._api_key})

    def _post(self, path: str, body: object, *, repeatable: bool) -> httpx.Request:
        url = f"{self.base_url}/{path}"
        return http.post(url, body=body, headers={"X-Key": self._api_key}, repeatable=repeatable)


class Aurora(Plain):
    name: ClassVar[str] = "aurora"
    label = "Aurora"
    capabilities = able(webhook=True, idempotent=True, lookup=True, batch=3)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        ids = [job.id for job in jobs]
        response = yield self._post("look", {"ids": ids}, repeatable=True)
        said = http.fields(http.read(response.content))
        if not response.is_success or "jobs" not in said:
            raise http.unanswered(response)
        entries = {http.job_name(entry.get("id")): entry for entry in http.objects(said["jobs"])}
        return {one: _snapshot(entries[one]) for one in ids if one in entries}

    def settle(self, job: Job) -> Exchange[Snapshot]:
        token = str(job.token)
        response = yield self._get(f"jobs/{token}")
        return self._said_of(token, response) or Snapshot(JobState.MISSING)

    def _accepted(self, order: RenderOrder, response: httpx.Response) -> Accepted:
        """The job's name is our token; an answer about another one is none."""
        accepted = super()._accepted(order, response)
        if accepted.job_id != str(order.token):
            raise Unclear("They named another job.")
        return accepted


class Basalt(Plain):
    name: ClassVar[str] = "basalt"
    label = "Basalt"
    capabilities = able(lookup=True, relinks=False, blocking=True)

    def settle(self, job: Job) -> Exchange[Snapshot]:
        """Absence from the logs proves nothing."""
        response = yield self._get(f"logs/{job.token}")
        said = http.fields(http.read(response.content))
        if response.status_code == 404 and said:
            return Snapshot(JobState.MISSING)
        if not response.is_success or said.get("token") != str(job.token):
            raise http.unanswered(response)
        return _snapshot(said)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found = {}
        for job in jobs:
            found[job.id] = yield from self.settle(job)
        return found

    def _accepted(self, order: RenderOrder, response: httpx.Response) -> Accepted:
        accepted = super()._accepted(order, response)
        snapshot = _snapshot(accepted.raw)
        if snapshot.state is JobState.FAILED and snapshot.failure:
            raise Refused(snapshot.failure.message, code=snapshot.failure.code)
        if snapshot.state is not JobState.DONE:
            raise Unclear("They answered before it was done.")
        return Accepted(accepted.job_id, snapshot=snapshot, raw=accepted.raw)


class Cedar(Plain):
    name: ClassVar[str] = "cedar"
    label = "Cedar"
    capabilities = able(relinks=False)

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        response = yield self._post("files", {"text": order.prompt}, repeatable=True)
        file = http.job_name(http.fields(http.read(response.content)).get("file"))
        if not response.is_success or not file:
            raise http.unanswered(response)
        response = yield self._post("jobs", _wish(order) | {"file": file}, repeatable=False)
        return self._accepted(order, response)


class Delta(Plain):
    name: ClassVar[str] = "delta"
    label = "Delta"
    capabilities = able(webhook=True, recognise=True)

    def recognise(self, job: Job) -> Exchange[Snapshot]:
        response = yield self._get(f"jobs/{job.id}")
        snapshot = self._said_of(job.id, response)
        said = http.fields(http.read(response.content))
        if snapshot is None or snapshot.state is JobState.MISSING:
            return Snapshot(JobState.MISSING)
        ours = said.get("prompt") == job.prompt and said.get("duration") == job.duration
        return snapshot if ours else Snapshot(JobState.MISSING)


class Ember(Plain):
    name: ClassVar[str] = "ember"
    label = "Ember"
    capabilities = able(cancel=True)

    def cancel(self, job: Job) -> Exchange[bool]:
        response = yield httpx.Request(
            "DELETE", f"{self.base_url}/jobs/{job.id}", headers={"X-Key": self._api_key}
        )
        return http.fields(http.read(response.content)).get("stopped") is True

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found = yield from super().look(jobs)
        for job_id, snapshot in found.items():
            if snapshot.state is JobState.DONE:
                response = yield self._get(f"files/{job_id}")
                file = self._said_of(job_id, response)
                if file is None or file.state is not JobState.DONE or not file.video_url:
                    file = Snapshot(JobState.WORKING)
                found[job_id] = file
        return found


KINDS: list[type[Plain]] = [Aurora, Basalt, Cedar, Delta, Ember]


def _wish(order: RenderOrder) -> dict[str, Any]:
    return {
        "token": str(order.token),
        "prompt": order.prompt,
        "duration": order.duration,
        "resolution": order.resolution,
        "webhook": order.webhook_url,
    }


def _snapshot(said: Mapping[str, object]) -> Snapshot:
    """Unknown words mean that it goes on."""
    state = STATES.get(http.text(said.get("state")), JobState.WORKING)
    link = http.link(said.get("link"))
    if state is JobState.DONE and not link:
        state = JobState.WORKING
    return Snapshot(
        state,
        video_url=link if state is JobState.DONE else "",
        progress=http.percent(said.get("progress")),
        cost=http.dollars(said.get("cost")) or None,
        failure=_failure(said) if state is JobState.FAILED else None,
        raw=dict(said),
    )


def _failure(said: Mapping[str, object]) -> Failure:
    word = http.text(said.get("why"))
    return Failure(FAILURES.get(word, "provider_error"), word)


def _error(response: httpx.Response, said: Mapping[str, object]) -> ProviderError:
    """Their word where they have one, else what the status line means."""
    word = http.text(said.get("error"))
    if response.status_code == 400 and word == "moderation":
        return Refused(word, code="content_policy")
    if response.status_code == 503 and word == "model":
        return Unavailable(word)
    return http.classify(response, paid=True, message=word)
