"""
MiniMax, the model's own maker: order, ask for the task, then ask where its file lies.

HTTP 200 says nothing here: each of the three answers carries its own verdict in `base_resp`. Facts
and their sources: providers.md section 6. The pages meant are
https://platform.minimax.io/docs/api-reference/video-generation-t2v, -i2v, -query, -download and
errorcode; the codes of 6.4 are theirs, and so are 1013 and 2056.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from generations.providers import http
from generations.providers.base import (
    Accepted,
    Busy,
    Capabilities,
    Exchange,
    Failure,
    ImageForm,
    Job,
    JobState,
    Knock,
    Misconfigured,
    Provider,
    RenderOrder,
    Route,
    Snapshot,
)
from generations.providers.minimax_errors import (
    FAILURES,
    INVALID,
    MEANINGS,
    SENSITIVE,
    Entry,
    code_of,
    submit_error,
)

logger = logging.getLogger(__name__)

#: Their word for a task's state --> ours (providers.md 6.3). The query writes them in capitals,
#: the callback in small letters, with "failed" for "Fail". An unknown word keeps it running.
STATES = {
    "fail": JobState.FAILED,
    "failed": JobState.FAILED,
    "preparing": JobState.WORKING,
    "processing": JobState.WORKING,
    "queueing": JobState.WORKING,
    "success": JobState.DONE,
}

#: Clips of a text-to-video task; from an image they take its ratio (providers.md 0.2).
PIXELS = {
    "768P": (1366, 768),
    "1080P": (1920, 1080),
}
TOLERANCE = 16  # pixels; encoders round to their blocks
EARLIER = timedelta(seconds=60)  # by which their clock may be behind ours

CHALLENGE = re.compile("[A-Za-z0-9_.-]{1,256}")


class MiniMax(Provider):
    """https://platform.minimax.io, with prices in USD; a key of minimaxi.com is another's."""

    name = "minimax"
    label = "MiniMax"
    address = "https://api.minimax.io"
    capabilities = Capabilities(
        routes=(
            Route("hailuo-2.3", "text-to-video", "MiniMax-Hailuo-2.3"),
            Route("hailuo-2.3", "image-to-video", "MiniMax-Hailuo-2.3"),
            Route("hailuo-2.3-fast", "image-to-video", "MiniMax-Hailuo-2.3-Fast"),
        ),
        image_forms=frozenset({ImageForm.DATA_URI}),
        largest_image=20_000_000 - 1,  # "less than 20MB"
        fast_pretreatment=True,
        watermark=True,
        webhook=True,
        recognise=True,
        most_per_minute=20,  # of a paying account (providers.md 6.5)
    )

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        url = f"{self.base_url}/v1/video_generation"
        response = yield http.post(url, body=self._body(order), headers=self._headers())
        return self._accepted(response)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found: dict[str, Snapshot] = {}
        for job in jobs:
            snapshot = yield from self._looked(job)
            if snapshot:
                found[job.id] = snapshot
        return found

    def recognise(self, job: Job) -> Exchange[Snapshot]:
        """By the task's name, its clip's size, and when its file was made."""
        snapshot = yield from self._looked(job, wary=True)
        return snapshot or Snapshot(JobState.MISSING)

    def webhook(self, *, headers: Mapping[str, str], body: bytes) -> Knock:
        """Unsigned (providers.md 6.6): first a challenge, then the task whose state changed."""
        content = http.read(body)
        if not isinstance(content, dict):
            raise ValueError("not a JSON object")
        challenge = content.get("challenge")
        if challenge is None:
            return Knock(http.numbered(content.get("task_id")) or None)
        if not (isinstance(challenge, str) and CHALLENGE.fullmatch(challenge)):
            raise ValueError("not a challenge to be echoed")
        return Knock(None, challenge=challenge)

    def _body(self, order: RenderOrder) -> Entry:
        route = http.route_for(self.capabilities, order)
        body: Entry = {
            "model": route.provider_model,
            "prompt": order.prompt,
            "prompt_optimizer": order.prompt_optimizer,
            "fast_pretreatment": order.fast_pretreatment,
            "duration": order.duration,
            "resolution": order.resolution,
            "aigc_watermark": order.watermark,
        }
        if order.image:  # bare base64 is refused, so it is a data URI (providers.md 6.2)
            body["first_frame_image"] = http.data_uri(order.image)
        if order.webhook_url:
            body["callback_url"] = order.webhook_url
        return body

    def _get(self, path: str, **parameters: str) -> httpx.Request:
        url = f"{self.base_url}/v1/{path}?{urlencode(parameters)}"
        return http.get(url, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._api_key}"}

    def _accepted(self, response: httpx.Response) -> Accepted:
        """A task that is named exists, whatever is said beside it: looks tell its end."""
        answer = http.fields(http.read(response.content))
        task = _name_of(answer.get("task_id"))
        if not task:
            message, raw = self._words(answer), self._kept(answer)
            raise submit_error(code_of(answer), response, message=message, raw=raw)
        if code_of(answer):
            logger.warning("MiniMax named a task and an error beside it")
        return Accepted(task, raw=self._kept(answer))

    def _looked(self, job: Job, *, wary: bool = False) -> Exchange[Snapshot | None]:
        """
        Ask for the task and, once it is done, for its file; None where nothing is said of it.

        :param wary: the task may be another's: MISSING unless all that is said of it fits.
        """
        if not _name_of(job.id):
            return None
        response = yield self._get("query/video_generation", task_id=job.id)
        task = http.fields(http.read(response.content))
        state = self._state(response, task)
        if state is None:
            return None
        if state is JobState.MISSING or not _is_about(job, task, wary=wary):
            return Snapshot(JobState.MISSING, raw=self._kept(task))
        if state is JobState.FAILED:
            return self._failed(task, raw=self._kept(task))
        if state is JobState.WORKING:
            return Snapshot(state, raw=self._kept(task))
        return (yield from self._retrieved(job, task, wary=wary))

    def _state(self, response: httpx.Response, task: Entry) -> JobState | None:
        """
        What a query's answer says; None where it says nothing.

        :raises Busy, Misconfigured: when the question itself failed.
        """
        word, code = task.get("status"), code_of(task)
        state = None if word in (None, "") else _state_of(word)
        is_about_us = MEANINGS.get(code or 0) in (Busy, Misconfigured)
        has_failed = state is JobState.FAILED and not is_about_us
        is_sensitive = state is None and code in SENSITIVE  # a bare question holds nothing such
        if response.is_success and (has_failed or is_sensitive):
            return JobState.FAILED
        return JobState.MISSING if self._is_unknown(response, task) else state

    def _is_unknown(self, response: httpx.Response, answer: Entry) -> bool:
        """
        Whether they do not know what was asked for.

        :raises Busy, Misconfigured: when they did not answer, which says nothing about any job.
        """
        code = code_of(answer)
        if response.is_success and code in (0, INVALID):
            return code == INVALID
        if response.is_success and code is None and answer.keys() & {"status", "file"}:
            return False
        message, raw = self._words(answer), self._kept(answer)
        if MEANINGS.get(code or 0) is Misconfigured:
            raise Misconfigured(message, raw=raw)
        raise http.unanswered(response, message=message, raw=raw)

    def _retrieved(self, job: Job, task: Entry, *, wary: bool) -> Exchange[Snapshot]:
        """
        Where the file of a finished task lies.

        Its size is given as 0 bytes, and its name as a number (providers.md 6.3). A clip whose
        file cannot be had yet is neither done nor failed: it is asked for until its deadline.
        """
        file_id = _name_of(task.get("file_id"))
        told: Entry = {"task": task}
        if file_id:
            response = yield self._get("files/retrieve", file_id=file_id)
            answer = http.fields(http.read(response.content))
            told["file"] = answer
            if response.is_success and code_of(answer) in SENSITIVE:
                return self._failed(answer, raw=self._kept(told))
            if self._is_unknown(response, answer) or (wary and _is_older(job, answer)):
                return Snapshot(JobState.MISSING, raw=self._kept(told))
            if video := _video_of(file_id, answer):
                expires_at, raw = http.expiry(video), self._kept(told)
                return Snapshot(JobState.DONE, video_url=video, expires_at=expires_at, raw=raw)
        logger.warning("MiniMax has made a clip, but does not say where its file lies")
        return Snapshot(JobState.WORKING, raw=self._kept(told))

    def _failed(self, answer: Entry, *, raw: Mapping[str, Any]) -> Snapshot:
        """Failed and blocked clips are not charged (providers.md 6.5)."""
        code, message = code_of(answer), self._words(answer)
        if not code or not message:  # "success" is said of the question, not of the clip
            message = "The render failed."
        reason = FAILURES.get(code or 0, "provider_error")
        failure = Failure(reason, message, charged=False)
        return Snapshot(JobState.FAILED, failure=failure, raw=raw)

    def _words(self, answer: Entry) -> str:
        error = answer.get("error")
        told = [
            http.fields(answer.get("base_resp")).get("status_msg"),
            http.fields(error).get("message"),
            error,
        ]
        return next(filter(None, (http.words(one, secret=self._api_key) for one in told)), "")

    def _kept(self, value: object) -> dict[str, Any]:
        return http.kept(value, secret=self._api_key)


def _name_of(value: object) -> str:
    """A task's or a file's int64, as text; the 0 of an unset one is none."""
    name = http.numbered(value)
    return "" if name == "0" else name


def _state_of(word: object) -> JobState:
    state = STATES.get(http.text(word).lower())
    if state is None:
        logger.warning("MiniMax reports a task status that we do not know")
    return state or JobState.WORKING


def _is_about(job: Job, task: Entry, *, wary: bool) -> bool:
    """Whether an answer is about this job: by its name and, to the wary, by its clip's size."""
    named = _name_of(task.get("task_id"))
    is_named = named == job.id or not (named or wary)
    if not is_named:
        logger.warning("MiniMax answered with another task than the one asked for")
    return is_named and not (wary and _is_of_another_size(job, task))


def _is_of_another_size(job: Job, task: Entry) -> bool:
    wanted = PIXELS.get(job.resolution) if job.mode == "text-to-video" else None
    told = [http.whole(task.get(name)) for name in ("video_width", "video_height")]
    return any(
        given and abs(given - asked) > TOLERANCE
        for given, asked in zip(told, wanted or (), strict=False)
    )


def _video_of(file_id: str, answer: Entry) -> str:
    file = http.fields(answer.get("file"))
    is_it = _name_of(file.get("file_id")) in ("", file_id)
    return http.link(file.get("download_url")) if is_it else ""


def _is_older(job: Job, answer: Entry) -> bool:
    """Whether a file was made before our submission was sent."""
    made = http.moment(http.whole(http.fields(answer.get("file")).get("created_at")) or None)
    return bool(made and job.sent_at and made < job.sent_at - EARLIER)
