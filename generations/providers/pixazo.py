"""
Pixazo: a gateway where the address chooses the model, and one more address tells every status.

Facts and their sources: providers.md section 4; the pages of both routes are seed 004.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from generations.providers import http
from generations.providers.base import (
    Accepted,
    Capabilities,
    Exchange,
    Failure,
    ImageForm,
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
)

logger = logging.getLogger(__name__)

Entry = dict[str, object]

#: What each route runs. No field and no page of theirs says it outright: that `imageToVideo` runs
#: 2.3-Fast is read from its parameters' texts, which speak of no other model, and from the path
#: the page is published under (seed 004, providers.md 4.2). Should that prove wrong, this is the
#: one place to change.
RUNS = {
    "generate": "hailuo-2.3",
    "imageToVideo": "hailuo-2.3-fast",
}
MODEL = "minimax-hailuo-ai"  # their name for both, in addresses and as `model_id`

#: Their word for a request's state --> ours (seed 004). An unknown word keeps it running.
STATES = {
    "COMPLETED": JobState.DONE,
    "ERROR": JobState.FAILED,
    "FAILED": JobState.FAILED,
    "PROCESSING": JobState.WORKING,
    "QUEUED": JobState.WORKING,
}
NOT_CHARGED = "ERROR"  # "System error — not charged"; of FAILED nothing is said (seed 004)

CLOCKS_DIFFER = timedelta(seconds=60)  # a job may be this much older than our order (DESIGN 6)


class Pixazo(Provider):
    """https://www.pixazo.ai: order by a route of the model, ask by `request_id`."""

    name = "pixazo"
    label = "Pixazo"
    address = "https://gateway.pixazo.ai"
    capabilities = Capabilities(
        routes=(
            Route(RUNS["generate"], "text-to-video", "generate"),
            Route(RUNS["imageToVideo"], "image-to-video", "imageToVideo"),
        ),
        image_forms=frozenset({ImageForm.DATA_URI}),
        largest_image=20_000_000 - 1,  # "<20MB", read as the smaller of its senses
        fast_pretreatment=True,
        watermark=True,
        webhook=True,
        recognise=True,
    )  # no numbers are known for its pace, so the defaults of most_in_flight and most_per_minute

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        route = http.route_for(self.capabilities, order)
        headers = self._headers()
        if order.webhook_url:  # never as `callback_url`, which is MiniMax's own (providers.md 4.5)
            headers["X-Webhook-URL"] = order.webhook_url
        url = f"{self.base_url}/{MODEL}/v1/{route.provider_model}"
        response = yield http.post(url, body=_body(order), headers=headers)
        return self._accepted(order, response)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found: dict[str, Snapshot] = {}
        for job in jobs:
            if not http.job_name(job.id):
                continue
            response = yield self._question(job)
            seen = self._seen(response)
            if seen.is_about(job):
                found[job.id] = self._snapshot(seen)
        return found

    def recognise(self, job: Job) -> Exchange[Snapshot]:
        """A webhook is unsigned, so that anybody may have named any request (DESIGN 6)."""
        if not http.job_name(job.id):
            return Snapshot(JobState.MISSING)
        response = yield self._question(job)
        seen = self._seen(response)
        if seen.state is not JobState.MISSING and not seen.is_surely(job):
            logger.warning("Pixazo's request, named by a webhook, does not match our order")
            return Snapshot(JobState.MISSING, raw=self._kept(seen.entry))
        return self._snapshot(seen)

    def webhook(self, *, headers: Mapping[str, str], body: bytes) -> Knock:
        """Unsigned (providers.md 4.5): it only says where to look."""
        content = http.read(body)
        if not isinstance(content, dict):
            raise ValueError("not a JSON object")
        return Knock(job_id=http.job_name(content.get("request_id")) or None)

    def _headers(self) -> dict[str, str]:
        return {"Ocp-Apim-Subscription-Key": self._api_key, "Cache-Control": "no-cache"}

    def _question(self, job: Job) -> httpx.Request:
        """Their `polling_url` is never followed: this is what it says (seed 004)."""
        url = f"{self.base_url}/v2/requests/status/{http.job_name(job.id)}"
        return http.get(url, headers=self._headers())

    def _accepted(self, order: RenderOrder, response: httpx.Response) -> Accepted:
        """
        Read a submit's answer: 202 by the documents, any 2xx by what others have met.

        Some models of theirs answer with the result at once, even without a `request_id`
        (providers.md 4.3). Such a clip goes by our own token, by which it cannot be asked for.
        """
        entry = http.fields(http.read(response.content))
        name = http.job_name(entry.get("request_id"))
        video = _video_of(entry) if STATES.get(_word(entry)) is not JobState.FAILED else ""
        if not (response.is_success and (name or video)):
            raise self._refusal(response, entry)
        raw = self._kept(entry)
        done = Snapshot(JobState.DONE, video_url=video, raw=raw) if video else None
        return Accepted(name or str(order.token), snapshot=done, raw=raw)

    def _refusal(self, response: httpx.Response, entry: Entry) -> ProviderError:
        """A model that is not to be had is a 400 (seed 004), an unknown route the gateway's 404."""
        message, raw = self._words(entry), self._kept(entry)
        blamed = http.classify(response, paid=True, message=message, raw=raw)
        if not isinstance(blamed, Refused):
            return blamed
        no_route = response.status_code == 404 and bool(message)
        if no_route or http.text(entry.get("error")).lower() == "model not found":
            return Unavailable(message, raw=raw)
        code = "content_policy" if http.speaks_of_policy(message) else "invalid_request"
        return Refused(blamed.message, code=code, raw=raw)

    def _seen(self, response: httpx.Response) -> Seen:
        """
        What a question was answered.

        :raises Busy, Misconfigured: when it was not.
        """
        entry = http.fields(http.read(response.content))
        if response.is_success and "status" in entry:
            return Seen(_state_of(entry), entry)
        # In no document: the queue's own errors have two strings, the gateway's before it do not.
        if response.status_code == 404 and http.text(entry.get("error")):
            return Seen(JobState.MISSING, entry)
        raise http.unanswered(response, message=self._words(entry), raw=self._kept(entry))

    def _snapshot(self, seen: Seen) -> Snapshot:
        raw = self._kept(seen.entry)
        if seen.state is JobState.FAILED:
            return Snapshot(JobState.FAILED, failure=self._failure(seen.entry), raw=raw)
        video = _video_of(seen.entry) if seen.state is JobState.DONE else ""
        if seen.state is JobState.DONE and not video:
            failure = Failure("provider_error", "Finished without a video.")
            return Snapshot(JobState.FAILED, failure=failure, raw=raw)
        return Snapshot(seen.state, video_url=video, raw=raw)

    def _failure(self, entry: Entry) -> Failure:
        message = self._words(entry)
        if _word(entry) == NOT_CHARGED:
            return Failure("provider_error", message, charged=False)
        of_policy = http.speaks_of_policy(message)
        return Failure("content_policy" if of_policy else "provider_error", message)

    def _words(self, entry: Entry) -> str:
        """The queue's errors are two strings, the gateway's one, and a failed request's one."""
        error = entry.get("error")
        told = [entry.get("message"), error, http.fields(error).get("message")]
        return next(filter(None, (http.words(one, secret=self._api_key) for one in told)), "")

    def _kept(self, entry: Entry) -> dict[str, Any]:
        return http.kept(entry, secret=self._api_key)


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer about a request, before it is known whose."""

    state: JobState
    entry: Entry

    def is_about(self, job: Job) -> bool:
        """Whether it names no other request than the one that was asked for."""
        named = http.text(self.entry.get("request_id"))
        if named not in ("", job.id):
            logger.warning("Pixazo answered with another request than the one asked for")
        return named in ("", job.id)

    def is_surely(self, job: Job) -> bool:
        """
        Whether everything it contains fits our order (DESIGN 6).

        The seed's sample of an ERROR names no time, so what is absent fits.
        """
        return (
            self.entry.get("request_id") == job.id
            and self.entry.get("model_id") in (None, MODEL)
            and self._fits_in_time(job)
        )

    def _fits_in_time(self, job: Job) -> bool:
        stated = self.entry.get("created_at")
        created = http.moment(stated)
        if job.sent_at is None:
            return False
        return stated is None if created is None else created >= job.sent_at - CLOCKS_DIFFER


def _body(order: RenderOrder) -> Entry:
    """An order with every default said aloud. No field names a model: the route does."""
    body: Entry = {
        "prompt": order.prompt,
        "duration": order.duration,
        "resolution": order.resolution,
        "prompt_optimizer": order.prompt_optimizer,
        "fast_pretreatment": order.fast_pretreatment,
        "aigc_watermark": order.watermark,
    }
    if order.image:
        body["first_frame_image"] = http.data_uri(order.image)
    return body


def _word(entry: Entry) -> str:
    return http.text(entry.get("status")).upper()


def _state_of(entry: Entry) -> JobState:
    state = STATES.get(_word(entry))
    if state is None:
        logger.warning("Pixazo reports a request status that we do not know")
    return state or JobState.WORKING


def _video_of(entry: Entry) -> str:
    """An array by the documents; others have met a string, and one in place of `output` (4.3)."""
    output = entry.get("output")
    media = http.fields(output).get("media_url")
    places = [*(media if isinstance(media, list) else [media]), output]
    return next(filter(None, map(http.link, places)), "")
