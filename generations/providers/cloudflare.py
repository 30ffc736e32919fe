"""
Cloudflare Workers AI: one call that answers when the clip is rendered, minutes later.

There is no status call. What became of a submission whose answer was lost stands in the logs of
the AI gateway it went through, tagged with our token; they are kept only where logging is on.

Facts and their sources: providers.md section 1; the models' own pages are seeds 000 and 001. The
logs' parameters and rows are those of the official SDK (cloudflare 5.9.0,
resources/ai_gateway/logs.py); its `filters` travel as JSON, at most 50 rows come at once, and a
filter for a key and one for its value hold independently, so every row is matched again here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
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
    Misconfigured,
    Provider,
    Refused,
    RenderOrder,
    Route,
    Snapshot,
    Unavailable,
    Unclear,
)
from generations.providers.cloudflare_answers import (
    FAILURES,
    Answer,
    Complaint,
    Entry,
    Kind,
    is_tagged,
    model_named,
    submit_error,
    succeeded,
    timed_out,
)

logger = logging.getLogger(__name__)

DEFAULT_GATEWAY = "default"  # the account's own, made by Cloudflare with its first request
TAG = "job"  # our token's name in the metadata of a request
MOST_ROWS = 50


class Cloudflare(Provider):
    """https://developers.cloudflare.com/ai: MiniMax's models behind Cloudflare's AI gateway."""

    name = "cloudflare"
    label = "Cloudflare"
    address = "https://api.cloudflare.com/client/v4"
    needs = ("account_id",)
    takes = ("gateway_id",)  # without it, the account's default one
    capabilities = Capabilities(
        routes=(
            Route("hailuo-2.3", "text-to-video", "minimax/hailuo-2.3"),
            Route("hailuo-2.3", "image-to-video", "minimax/hailuo-2.3"),
            Route("hailuo-2.3-fast", "image-to-video", "minimax/hailuo-2.3-fast"),
        ),
        image_forms=frozenset({ImageForm.DATA_URI}),
        largest_image=20_000_000 - 1,  # "less than 20 MB", the model's limit (providers.md 0.2)
        fast_pretreatment=True,
        lookup=True,
        relinks=False,  # the logs hold the answer as it was given
        blocking=True,
        most_per_minute=200,  # requests to one gateway under Unified Billing (providers.md 1.6)
    )

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        body = self._body(order)
        response = yield http.post(
            self._address("ai/run"), body=body, headers={**self._bearer(), **self._gateway(order)}
        )
        return self._accepted(order, response)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found: dict[str, Snapshot] = {}
        for job in jobs:
            snapshot = yield from self._logged(job)
            if snapshot:
                found[job.id] = snapshot
        return found

    def settle(self, job: Job) -> Exchange[Snapshot]:
        """Absence from the logs proves nothing: they may be late, full, or switched off."""
        snapshot = yield from self._logged(job)
        return snapshot or Snapshot(JobState.MISSING)

    def balance(self) -> Exchange[Decimal]:
        """Told in cents, as the SDK says of the threshold that it is compared with."""
        response = yield self._get("ai-gateway/billing/credit-balance")
        answer = Answer.to(response)
        cents = http.dollars(answer.member("balance"))
        if response.is_success and cents is not None:
            return cents / 100
        self._check_answered(answer, response)
        raise Busy("The answer tells no balance.")

    def _body(self, order: RenderOrder) -> Entry:
        """
        Exactly the fields of the schema, which allows no others, and each of them said aloud.

        The Fast schema knows a callback_url too; it leads to MiniMax, not to Cloudflare.
        """
        route = http.route_for(self.capabilities, order)
        wish: Entry = {
            "prompt": order.prompt,
            "prompt_optimizer": order.prompt_optimizer,
            "fast_pretreatment": order.fast_pretreatment,
            "duration": order.duration,
            "resolution": order.resolution,
        }
        if order.image:
            wish["first_frame_image"] = http.data_uri(order.image)
        return {"model": route.provider_model, "input": wish}

    def _gateway(self, order: RenderOrder) -> dict[str, str]:
        """One attempt, never an old answer, and our tag to find it by (providers.md 1.7)."""
        headers = {
            "cf-aig-metadata": json.dumps({TAG: str(order.token)}),
            "cf-aig-max-attempts": "1",
            "cf-aig-skip-cache": "true",
        }
        if self.options.get("gateway_id"):
            headers["cf-aig-gateway-id"] = self._option("gateway_id")
        return headers

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._api_key}"}

    def _get(self, path: str, **parameters: str) -> httpx.Request:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return http.get(self._address(path) + query, headers=self._bearer())

    def _address(self, path: str) -> str:
        return f"{self.base_url}/accounts/{self._option('account_id')}/{path}"

    def _option(self, name: str, *, otherwise: str = "") -> str:
        value = http.job_name(self.options.get(name) or otherwise)
        if not value:
            raise Misconfigured(f"The {name} is missing, or no {name} of Cloudflare.")
        return value

    def _accepted(self, order: RenderOrder, response: httpx.Response) -> Accepted:
        """
        Read the answer to the one paid call.

        A failure that names a task tells of a render that began and ended: it is never sent
        again. One that names none is a refusal where its code says so.
        """
        answer = Answer.to(response)
        raw = self._kept(answer.body)
        complaint = answer.complaint(secret=self._api_key)
        if not response.is_success or answer.state is None:
            raise submit_error(complaint, response, raw=raw)
        if answer.state is JobState.WORKING:  # how to ask for it is said nowhere (1.4)
            raise Unclear("The answer came before the clip.", raw=raw)
        if answer.state is JobState.FAILED and not answer.task:
            self._check_taken(complaint, raw)
        snapshot = self._snapshot(answer, raw=raw)
        return Accepted(answer.task or str(order.token), snapshot=snapshot, raw=raw)

    def _check_taken(self, complaint: Complaint, raw: Mapping[str, Any]) -> None:
        """:raises Unavailable, Refused, Misconfigured: when a failure's code is a refusal's."""
        if complaint.kind is Kind.MODEL:
            raise Unavailable(complaint.message, raw=raw)
        if complaint.kind is Kind.POLICY:
            raise Refused(complaint.message, code="content_policy", raw=raw)
        if complaint.kind is Kind.BALANCE:
            raise Misconfigured(complaint.message, raw=raw)

    def _snapshot(
        self, answer: Answer, *, raw: Mapping[str, Any], log: Entry | None = None
    ) -> Snapshot:
        """How a render ended, by the answer to it and by its row in the logs where there is one."""
        cost = http.dollars((log or {}).get("cost"))
        cost = cost if cost and cost > 0 else None
        if answer.state is not JobState.DONE:
            failure = self._failure(answer, log or {}, is_charged=cost is not None)
            return Snapshot(JobState.FAILED, cost=cost, failure=failure, raw=raw)
        expires_at = http.expiry(answer.video)
        return Snapshot(
            JobState.DONE, video_url=answer.video, expires_at=expires_at, cost=cost, raw=raw
        )

    def _failure(self, answer: Answer, log: Entry, *, is_charged: bool) -> Failure:
        """Whether it is charged is unknown, unless the logs name a cost (providers.md 1.6)."""
        complaint = answer.complaint(secret=self._api_key)
        otherwise = "timeout" if timed_out(log) else "provider_error"
        return Failure(
            FAILURES.get(complaint.kind, otherwise),
            complaint.message or "The render failed.",
            charged=is_charged or None,
        )

    def _logged(self, job: Job) -> Exchange[Snapshot | None]:
        """
        What the gateway's logs say of our token; None when they know nothing of it.

        :raises Busy, Misconfigured: when the question itself failed.
        """
        gateway = self._option("gateway_id", otherwise=DEFAULT_GATEWAY)
        logs = f"ai-gateway/gateways/{gateway}/logs"
        response = yield self._get(logs, **_tagged(job))
        row = self._row(job, response)
        if row is None:
            return None
        answer = Answer()
        if name := http.numbered(row.get("id")):
            response = yield self._get(f"{logs}/{name}/response")
            answer = self._stored(response)
        return self._remembered(row, answer)

    def _row(self, job: Job, response: httpx.Response) -> Entry | None:
        body = http.fields(http.read(response.content))
        rows = body.get("result")
        if not response.is_success or not isinstance(rows, list) or body.get("success") is False:
            self._check_answered(Answer.of(body), response)
            raise Busy("The answer holds no logs.", raw=self._kept(body))
        route = self.capabilities.route(model=job.model, mode=job.mode)
        return _ours(job, http.objects(rows), model=route.provider_model if route else "")

    def _stored(self, response: httpx.Response) -> Answer:
        """An answer as the logs keep it; an empty one where they keep none."""
        if response.is_success:
            return Answer.to(response)
        if not isinstance(http.classify(response, paid=False), Refused):
            self._check_answered(Answer.to(response), response)
        return Answer()

    def _remembered(self, row: Entry, answer: Answer) -> Snapshot:
        """
        What a row of the logs and the answer it keeps say of a render.

        Where the call succeeded but no answer can be read, a clip was rendered and is paid, and we
        do not have its address: neither done nor failed, it is asked for until its deadline.
        """
        raw = self._kept({"log": row, "answer": answer.body})
        is_over = answer.state in (JobState.DONE, JobState.FAILED) or succeeded(row) is False
        if is_over:
            return self._snapshot(answer, raw=raw, log=row)
        logger.warning("Cloudflare's logs know a clip of ours, but not its address")
        return Snapshot(JobState.WORKING, raw=raw)

    def _check_answered(self, answer: Answer, response: httpx.Response) -> None:
        """:raises Busy, Misconfigured: when a question was not answered, whatever it was about."""
        complaint = answer.complaint(secret=self._api_key)
        raw = self._kept(answer.body)
        if complaint.kind in (Kind.AUTH, Kind.BALANCE):
            raise Misconfigured(complaint.message, raw=raw)
        if not response.is_success:
            raise http.unanswered(response, message=complaint.message, raw=raw)

    def _kept(self, value: object) -> dict[str, Any]:
        return http.kept(value, secret=self._api_key)


def _tagged(job: Job) -> dict[str, str]:
    """The logs of requests that carry our tag, the newest first."""
    filters = [
        {"key": "metadata.key", "operator": "eq", "value": [TAG]},
        {"key": "metadata.value", "operator": "eq", "value": [str(job.token)]},
    ]
    return {
        "filters": json.dumps(filters, separators=(",", ":")),
        "order_by": "created_at",
        "order_by_direction": "desc",
        "per_page": str(MOST_ROWS),
    }


def _ours(job: Job, rows: Iterable[Entry], *, model: str) -> Entry | None:
    """The row that is this job's in every field; of several, one that succeeded."""
    tagged = [row for row in rows if is_tagged(row, TAG, str(job.token))]
    fitting = [row for row in tagged if model_named(row.get("model")) in ("", model_named(model))]
    if tagged and not fitting:
        logger.warning("Cloudflare's logs carry our tag on a call to another model")
    return min(fitting, key=lambda row: succeeded(row) is not True, default=None)
