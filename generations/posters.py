"""The picture a clip shows before it plays: made after delivery, or when first asked for."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

from django.conf import settings

from generations import storage
from generations.media.probe import NotAVideo, poster
from generations.models import Clip

WIDTH = 960


def make(generation_id: uuid.UUID, *, patiently: bool = False) -> Clip | None:
    """
    The clip with its poster; None where there is no clip, or none can be drawn.

    :param patiently: let everything else that runs on this machine go first.
    """
    clip = Clip.objects.select_related("generation").filter(pk=generation_id).first()
    if clip is None or clip.poster_name or clip.generation.deleted_at:
        return clip
    try:
        content = _draw(clip, patiently)
    except NotAVideo:
        Clip.objects.filter(pk=clip.pk).update(poster_due_at=None)
        return None
    return _kept(clip, content)


def _kept(clip: Clip, content: bytes) -> Clip:
    """Two may draw it at once: the first one's is the poster, the other's is thrown away."""
    stem = clip.name.rpartition(".")[0]
    name = storage.keep_bytes(content, f"{stem}-{uuid.uuid4().hex[:8]}.jpg")
    if not Clip.objects.filter(pk=clip.pk, poster_name="").update(
        poster_name=name, poster_due_at=None
    ):
        storage.discard(name)
    clip.refresh_from_db(fields=["poster_name"])
    return clip


def _draw(clip: Clip, patiently: bool) -> bytes:
    with (
        storage.local_copy(clip.name) as path,
        tempfile.NamedTemporaryFile(dir=settings.SPOOL, suffix=".jpg") as picture,
    ):
        poster(
            path,
            into=Path(picture.name),
            at_seconds=1.0,
            max_width=WIDTH,
            patiently=patiently,
        )
        return Path(picture.name).read_bytes()
