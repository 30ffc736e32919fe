"""Generations at every stage of their life, brought there by the core's own functions."""

from __future__ import annotations

import itertools
from datetime import timedelta

from django.utils import timezone

from accounts import claims
from accounts.models import Membership
from generations import lifecycle, orders, storage
from generations.models import Attempt, Clip, Generation
from generations.orders import Customer
from generations.providers.base import Accepted, JobState, Snapshot
from generations.routing import Route
from generations.spec import ClipSpec

_jobs = itertools.count(1)


def ordered(member: Membership, prompt: str = "A paper boat", **options) -> Generation:
    spec = ClipSpec(model=options.pop("model", "hailuo-2.3"), prompt=prompt, **options)
    customer = Customer(workspace=member.workspace, user=member.user)
    return orders.place(customer=customer, spec=spec, now=timezone.now())[0]


def running(generation: Generation, *, progress: int | None = None) -> Attempt:
    attempt = lifecycle.begin(_held(generation), route=Route(**generation.routes[0]))
    job = Accepted(job_id=f"job-{next(_jobs)}")
    lifecycle.accepted(_held(generation), attempt=attempt, answer=job)
    if progress is not None:
        lifecycle.waited(_held(generation), progress=progress)
    return attempt


def storing(generation: Generation) -> Attempt:
    attempt = running(generation)
    done = Snapshot(JobState.DONE, video_url="https://example.org/clip.mp4")
    lifecycle.seen(_held(generation), attempt=attempt, snapshot=done)
    return attempt


def delivered(generation: Generation, content: bytes = b"not looked at here") -> Generation:
    attempt = storing(generation)
    name = storage.keep_bytes(content, f"clips/{generation.id.hex}/0123456789abcdef.mp4")
    clip = Clip(
        name=name,
        content_type="video/mp4",
        bytes=len(content),
        sha256="0" * 64,
        width=1366,
        height=768,
        duration_ms=6000,
        codec="h264",
    )
    lifecycle.delivered(_held(generation), attempt=attempt, clip=clip)
    generation.refresh_from_db()
    return generation


def failed(generation: Generation, code: str = "content_policy", said: str = "") -> Generation:
    running(generation)
    lifecycle.failed(_held(generation), code=code, provider_message=said)
    generation.refresh_from_db()
    return generation


def _held(generation: Generation) -> claims.Claim[Generation]:
    """Take it up, as a worker would when it is due."""
    due = {"due_at": timezone.now() - timedelta(days=1), "lease_until": None}
    Generation.objects.filter(pk=generation.pk).update(**due)
    found = claims.take(Generation, where="id = %s", parameters=[generation.pk], limit=1)
    return found[0]
