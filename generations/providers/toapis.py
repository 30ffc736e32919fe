"""
ToAPIs: a gateway to many models, which takes a first frame only through its own uploader.

Facts and their sources: providers.md section 3; the model's own page is seed 003. The uploader
(T-upload, https://docs.toapis.com/docs/en/api-reference/uploads/images) answers
`{"success": true, "message": "", "data": {"id", "url", "mime_type", "size"}}`; every other place
where we look for the address is assumed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

import httpx

from generations.providers import http
from generations.providers.base import (
    REPEATABLE,
    Accepted,
    Busy,
    Capabilities,
    Exchange,
    Failure,
    FirstFrame,
    ImageForm,
    Job,
    JobState,
    Misconfigured,
    Provider,
    ProviderError,
    Refused,
    RenderOrder,
    Route,
    Snapshot,
    Unavailable,
    Unclear,
)
from generations.providers.toapis_errors import Entry, Kind, error_of, kind_of

logger = logging.getLogger(__name__)

#: Their word for a task's state --> ours (providers.md 3.3). An unknown word keeps it running.
STATES = {
    "completed": JobState.DONE,
    "failed": JobState.FAILED,
    "in_progress": JobState.WORKING,
    "pending": JobState.WORKING,  # in no document, but other clients have met it
    "queued": JobState.WORKING,
    "submitted": JobState.WORKING,  # the status table's word for "queued"
}

#: The seed names no keys of `metadata`; these are an older page's (providers.md 3.2). The newest
#: one, in Chinese, calls the mark `aigc_watermark`: which of the two works is to be tried live.
WATERMARK = "watermark"

#: Why a render failed, in our words (base.Failure); anything else is a "provider_error".
FAILURES = {
    Kind.INVALID: "invalid_request",
    Kind.POLICY: "content_policy",
}

#: The uploader says "no" to an image with 400; the others are HTTP's own words for it.
REFUSES_IMAGE = {400, 413, 415, 422}
ABOUT_IMAGE = re.compile("unsupported|too (large|small)|invalid|corrupt|format", re.IGNORECASE)


class ToAPIs(Provider):
    """https://toapis.com: upload the frame, order with its address, ask by the task's id."""

    name = "toapis"
    label = "ToAPIs"
    address = "https://toapis.com/v1"
    capabilities = Capabilities(
        routes=(
            Route("hailuo-2.3", "text-to-video", "MiniMax-Hailuo-2.3"),
            Route("hailuo-2.3", "image-to-video", "MiniMax-Hailuo-2.3"),
            Route("hailuo-2.3-fast", "image-to-video", "MiniMax-Hailuo-2.3-Fast"),
        ),
        image_forms=frozenset({ImageForm.UPLOAD}),
        largest_image=10_000_000,  # "10MB", the uploader's cap, read as the smaller of its senses
        fast_pretreatment=True,
        watermark=True,
        relinks=False,  # an address lives for 24 h and is not renewed (providers.md 3.5)
    )  # no numbers are known for its pace, so the defaults of most_in_flight and most_per_minute

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        route = http.route_for(self.capabilities, order)
        body = _body(route, order)
        if order.image:
            response = yield self._upload(order.image)
            body["image_urls"] = [self._uploaded(response)]
        url = f"{self.base_url}/videos/generations"
        response = yield http.post(url, body=body, headers=self._headers())
        return self._accepted(response)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found: dict[str, Snapshot] = {}
        for job in jobs:
            name = http.job_name(job.id)
            if not name:
                continue
            url = f"{self.base_url}/videos/generations/{name}"
            response = yield http.get(url, headers=self._headers())
            snapshot = self._seen(name, response)
            if snapshot:
                found[job.id] = snapshot
        return found

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._api_key}"}

    def _upload(self, image: FirstFrame) -> httpx.Request:
        """It costs nothing, so that a broken answer to it is never a doubt about the order."""
        name = f"first-frame.{image.content_type.partition('/')[2]}"
        request = httpx.Request(
            "POST",
            f"{self.base_url}/uploads/images",
            data={"purpose": "generation"},
            files={"file": (name, image.content, image.content_type)},
            headers={"Accept": "application/json", **self._headers()},
            extensions={REPEATABLE: True},
        )
        request.read()
        return request

    def _uploaded(self, response: httpx.Response) -> str:
        """
        The public address of our uploaded frame.

        :raises Refused, Busy, Misconfigured: never Unclear, for nothing was ordered yet.
        """
        answer = http.fields(http.read(response.content))
        address = _address_of(answer)
        if response.is_success and address and answer.get("success") is not False:
            return address
        raise self._not_uploaded(response, answer)

    def _not_uploaded(self, response: httpx.Response, answer: Entry) -> ProviderError:
        """Both 400 and 200 come with `{"success": false, "message"}` (providers.md 3.4)."""
        message = self._words(answer) or f"HTTP {response.status_code}"
        blamed = self._unanswered(response, answer)
        said_no = response.is_success and answer.get("success") is False
        about_image = said_no and ABOUT_IMAGE.search(message)
        if isinstance(blamed, Misconfigured):
            return blamed
        if response.status_code in REFUSES_IMAGE or about_image:
            return Refused(message, code=_refused(message), raw=self._kept(answer))
        return blamed

    def _accepted(self, response: httpx.Response) -> Accepted:
        task = http.fields(http.read(response.content))
        name = http.job_name(task.get("id")) or http.job_name(task.get("task_id"))
        if not (response.is_success and name):
            raise self._refusal(response, task)
        snapshot = self._snapshot(task)
        done = snapshot if snapshot.state is JobState.DONE else None
        return Accepted(name, snapshot=done, raw=self._kept(task))

    def _refusal(self, response: httpx.Response, answer: Entry) -> ProviderError:
        """
        What a submit's answer without a task means.

        Only documented words that say "no" mean that nothing runs, and none of them does where
        the status tells of trouble on the way (408, 5xx).
        """
        kind, message, raw = kind_of(answer), self._words(answer), self._kept(answer)
        blamed = http.classify(response, paid=True, message=message, raw=raw)
        if isinstance(blamed, Unclear) and not response.is_success:
            return blamed
        if kind in (Kind.AUTH, Kind.BALANCE):
            return Misconfigured(blamed.message, raw=raw)
        if kind is Kind.RATE:
            return Busy(blamed.message, retry_after=http.retry_after(response), raw=raw)
        if kind is Kind.MISSING:  # there is no task yet to be missing: it is the model
            return Unavailable(blamed.message, retry_after=http.retry_after(response), raw=raw)
        if kind is Kind.POLICY:
            return Refused(blamed.message, code="content_policy", raw=raw)
        if isinstance(blamed, Refused) or (kind is Kind.INVALID and response.is_success):
            return Refused(blamed.message, code=_refused(message), raw=raw)
        return blamed

    def _seen(self, name: str, response: httpx.Response) -> Snapshot | None:
        """
        What one answer says about a task; None where it tells of another.

        :raises Busy, Misconfigured: when the question itself failed.
        """
        task = http.fields(http.read(response.content))
        if response.is_success and "status" in task:
            return self._snapshot(task) if _is_about(name, task) else None
        kind, status = kind_of(task), response.status_code
        if kind is Kind.MISSING and (response.is_success or status == 404):
            return Snapshot(JobState.MISSING, raw=self._kept(task))
        if kind is Kind.POLICY and status == 422:  # a bare question holds nothing to object to
            return self._failed(task)
        raise self._unanswered(response, task)

    def _snapshot(self, task: Entry) -> Snapshot:
        state = _state_of(task)
        if state is JobState.FAILED:
            return self._failed(task)
        video = _video_of(task) if state is JobState.DONE else ""
        if state is JobState.DONE and not video:
            failure = Failure("provider_error", "Finished without a video.")
            return Snapshot(JobState.FAILED, failure=failure, raw=self._kept(task))
        return Snapshot(
            state=state,
            video_url=video,
            expires_at=http.moment(task.get("expires_at")) if video else None,
            progress=http.percent(task.get("progress")),
            raw=self._kept(task),
        )

    def _failed(self, task: Entry) -> Snapshot:
        """A refusal may come as `generation_failed`, with its reason in the text alone (3.4)."""
        message = self._words(task)
        kind = Kind.POLICY if http.speaks_of_policy(message) else kind_of(task)
        code = FAILURES.get(kind, "provider_error") if kind else "provider_error"
        failure = Failure(code, message)  # whether it is charged is unknown (providers.md 3.4)
        return Snapshot(JobState.FAILED, failure=failure, raw=self._kept(task))

    def _unanswered(self, response: httpx.Response, answer: Entry) -> ProviderError:
        message, raw = self._words(answer), self._kept(answer)
        blamed = http.unanswered(response, message=message, raw=raw)
        if kind_of(answer) in (Kind.AUTH, Kind.BALANCE):
            return Misconfigured(blamed.message, raw=raw)
        return blamed

    def _words(self, answer: Entry) -> str:
        error = error_of(answer)
        told = [error.get(name) for name in ("message", "fail_reason", "error", "code", "type")]
        return next(filter(None, (http.words(one, secret=self._api_key) for one in told)), "")

    def _kept(self, answer: Entry) -> dict[str, Any]:
        return http.kept(answer, secret=self._api_key)


def _body(route: Route, order: RenderOrder) -> Entry:
    """An order with every default said aloud."""
    return {
        "model": route.provider_model,
        "prompt": order.prompt,
        "duration": order.duration,
        "resolution": order.resolution,
        "metadata": {
            "prompt_optimizer": order.prompt_optimizer,
            "fast_pretreatment": order.fast_pretreatment,
            WATERMARK: order.watermark,
        },
    }


def _address_of(answer: Entry) -> str:
    data = answer.get("data")
    places = [*(one.get("url") for one in http.objects(data)), data, answer.get("url")]
    return next(filter(None, map(http.link, places)), "")


def _video_of(task: Entry) -> str:
    """`result.data[0].url` by the fields of the status page, `url` by its samples (3.3)."""
    result = http.fields(task.get("result"))
    places = [one.get("url") for one in http.objects(result.get("data"))]
    return next(filter(None, map(http.link, [*places, result.get("url"), task.get("url")])), "")


def _is_about(name: str, task: Entry) -> bool:
    """Whether an answer is about the task that was asked for, which it need not name."""
    named = {http.text(task.get("id")), http.text(task.get("task_id"))} - {""}
    if named and name not in named:
        logger.warning("ToAPIs answered with another task than the one asked for")
    return not named or name in named


def _state_of(task: Entry) -> JobState:
    state = STATES.get(http.text(task.get("status")).lower())
    if state is None:
        logger.warning("ToAPIs reports a task status that we do not know")
    return state or JobState.WORKING


def _refused(message: str) -> str:
    return "content_policy" if http.speaks_of_policy(message) else "invalid_request"
