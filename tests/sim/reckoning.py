"""
What must hold in the end, when faults are over and time has gone on.

Everybody's books side by side: what the companies took and billed, our attempts, our ledger, the
files in our storage, and what customers were told.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator

from django.core.files.storage import default_storage

from billing import audit
from generations.models import Attempt, Clip, Generation, Notice
from tests.sim import post
from tests.sim.companies import Company, Job
from tests.sim.files import clip
from tests.sim.knocking import EVIL
from tests.sim.world import Broken, World

#: Why we may pay for a render that nobody gets.
EXPLAINED = {"outcome_unknown", "timeout", "result_unusable"}
FINAL = {"succeeded", "failed", "canceled"}
OF_ORDERS = "POST /api/v1/generations"


def reckon(world: World) -> None:
    """:raises Broken: naming the first thing that does not add up."""
    for state, code in Generation.objects.values_list("state", "error_code"):
        world.seen[f"end: {state} {code}".strip()] += 1
    for fault in [
        *audit.faults(),
        *_unfinished(),
        *_orders(world),
        *_jobs(world),
        *_clips(world),
        *_letters(),
        *_traces_of_lies(),
    ]:
        raise Broken(f"in the end: {fault}")


def _unfinished() -> Iterator[str]:
    """I19."""
    for one in Generation.objects.exclude(state__in=FINAL):
        yield f"a generation is still {one.state}"


def _orders(world: World) -> Iterator[str]:
    """Each answered order is there as often as it was ordered, and nothing else is (I34)."""
    made: Counter[object] = Counter()
    for known in world.orders:
        if known.status == 202:
            made[known.shop.membership.workspace_id] += known.body["count"]
            if len(known.ids) != known.body["count"]:
                yield f"{known.key} made {len(known.ids)} of {known.body['count']}"
    for shop in world.shops:
        workspace = shop.membership.workspace_id
        there = Generation.objects.filter(workspace=workspace).count()
        if there != made[workspace]:
            yield f"{there} generations came of orders for {made[workspace]}"


def _jobs(world: World) -> Iterator[str]:
    """Every job of every company belongs to an attempt; what was billed was delivered, or why."""
    attempts = {str(one.token): one for one in Attempt.objects.select_related("generation")}
    for company in world.companies.values():
        for job in company.jobs.values():
            attempt = attempts.get(job.token)
            if attempt is None:
                yield f"{company.name} made {job.id} for no attempt (I25)"
            elif attempt.state == "returned":
                yield f"{company.name} took {job.id}, and we thought it had not (I24)"
            elif job.billed:
                yield from _billed(company, job, attempt)
    for attempt in attempts.values():
        if attempt.state == "succeeded":
            yield from _delivered(world.companies[attempt.provider], attempt)


def _billed(company: Company, job: Job, attempt: Attempt) -> Iterator[str]:
    if attempt.state == "succeeded":
        return
    if attempt.error_code not in EXPLAINED:
        yield f"{company.name} bills {job.id}, not delivered: {attempt.state}, {attempt.error_code}"
    if attempt.generation.charged and attempt.generation.state != "succeeded":
        yield f"{job.id} was charged and not delivered"


def _delivered(company: Company, attempt: Attempt) -> Iterator[str]:
    """The clip of an order is its own job's."""
    job, wish = _job_of(company, attempt), attempt.generation
    if job is None or not job.is_made:
        yield f"{attempt} was delivered, and {company.name} knows nothing of it"
    elif job.token != str(attempt.token) and wish.deleted_at is None and job.prompt != wish.prompt:
        yield f"{attempt} got the clip of somebody else"
    elif attempt.reported_cost not in (None, job.cost):
        yield f"{company.name} takes {job.cost} for {job.id}, we noted {attempt.reported_cost}"


def _job_of(company: Company, attempt: Attempt) -> Job | None:
    """By the name they gave it; where that was wrong, by the one we gave it."""
    return company.jobs.get(attempt.job_id) or company.by_token.get(str(attempt.token))


def _clips(world: World) -> Iterator[str]:
    """What is charged for lies in our storage, as it was made (I11)."""
    attempts = {one.generation_id: one for one in Attempt.objects.filter(state="succeeded")}
    for kept in Clip.objects.select_related("generation"):
        attempt = attempts[kept.generation_id]
        company = world.companies[attempt.provider]
        job = _job_of(company, attempt)
        content = clip(job.id, job.duration) if job else b""
        if (kept.sha256, kept.bytes) != (hashlib.sha256(content).hexdigest(), len(content)):
            yield f"the clip of {attempt} is not the one that was made"
        elif kept.generation.deleted_at is None and _stored(kept) != content:
            yield f"the file of {attempt} is not the one that was made"


def _stored(kept: Clip) -> bytes:
    with default_storage.open(kept.name) as file:
        return bytes(file.read())


def _letters() -> Iterator[str]:
    """Everybody was told, or it says why not."""
    for notice in Notice.objects.all():
        told = post.sent[f"<{notice.id.hex}@reelay>"]
        if notice.sent_at and not told:
            yield f"{notice} counts as sent, and was not"
        if not (notice.sent_at or notice.given_up_at):
            yield f"{notice} was never sent"


def _traces_of_lies() -> Iterator[str]:
    """No byte of a webhook's body is believed (I29)."""
    for attempt in Attempt.objects.all():
        if EVIL in (attempt.result_url, json.dumps(attempt.raw)):
            yield f"{attempt} believes what a webhook said"
