"""Signed links to files: they open without a key until they expire, and nothing else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

KINDS = ("clip", "poster")


class LinkRefused(Exception):
    """The link opens nothing: it is not one of ours."""


class LinkExpired(LinkRefused):
    """It was one of ours, until its time was over."""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    expires_at: datetime


def link(generation_id: uuid.UUID, kind: str, *, now: datetime) -> Link:
    """
    A link good for `LINK_SECONDS`.

    Its end is rounded up to a quarter of that, so that a page asked for again shows the same
    links and the browser's cache is of use.
    """
    step = max(1, settings.LINK_SECONDS // 4)
    end = (int(now.timestamp()) + settings.LINK_SECONDS + step) // step * step
    token = _signer().sign(f"{generation_id.hex}.{kind}.{end}")
    return Link(f"{settings.MEDIA_SITE}/files/{token}", datetime.fromtimestamp(end, tz=UTC))


def opened(token: str, *, now: datetime) -> tuple[uuid.UUID, str]:
    """Which file a link is for: generation and kind. Raises LinkRefused, or its LinkExpired."""
    try:
        generation, kind, end = _signer().unsign(token).split(".")
    except (BadSignature, ValueError):
        raise LinkRefused("This link is not one of ours.") from None
    if now.timestamp() > int(end):
        raise LinkExpired("This link has expired.")
    return uuid.UUID(hex=generation), kind


def leads_elsewhere(request: HttpRequest) -> bool:
    """Files have a host of their own, and this was asked of another."""
    return bool(settings.MEDIA_HOST) and request.get_host().lower() != settings.MEDIA_HOST


def _signer() -> Signer:
    return Signer(salt="reelay.files", sep=":")
