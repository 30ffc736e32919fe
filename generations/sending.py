"""Turns a generation and its attempt into what an adapter is given."""

from __future__ import annotations

from generations import connect, storage
from generations.media.images import judge_image
from generations.models import Attempt, Generation
from generations.providers.base import FirstFrame, Job, RenderOrder


def render_order(generation: Generation, attempt: Attempt) -> RenderOrder:
    """The same for every sending of one attempt."""
    able = connect.provider(attempt.provider).capabilities
    return RenderOrder(
        token=attempt.token,
        model=generation.model,
        mode=generation.mode,
        prompt=generation.prompt,
        resolution=generation.resolution,
        duration=generation.duration,
        prompt_optimizer=generation.prompt_optimizer,
        fast_pretreatment=generation.fast_pretreatment,
        watermark=generation.watermark,
        output_format=generation.output_format,
        output_quality=generation.output_quality,
        image=_first_frame(generation, most=able.largest_image),
        webhook_url=connect.webhook_url(attempt),
    )


def job(generation: Generation, attempt: Attempt) -> Job:
    return Job(
        id=attempt.job_id or str(attempt.token),
        token=attempt.token,
        model=generation.model,
        mode=generation.mode,
        prompt=generation.prompt,
        resolution=generation.resolution,
        duration=generation.duration,
        sent_at=attempt.submitted_at,
    )


def _first_frame(generation: Generation, *, most: int | None) -> FirstFrame | None:
    """Our copy of it, compressed more where the provider takes no more than `most` bytes."""
    upload = generation.first_frame
    if upload is None:
        return None
    content = storage.read(upload.name)
    if most is None or len(content) <= most:
        return FirstFrame(content=content, content_type=upload.content_type)
    smaller = judge_image(content, most=most)
    return FirstFrame(content=smaller.content, content_type=smaller.content_type)
