"""
Whether a workspace has room for more clips, where the settings say how much there is.

What it keeps is added up once a minute at the most, as orders come by the hundred (100 000 clips
take 80 ms): what is ordered meanwhile, or is under way, may come to more, and is kept all the same.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from redis.exceptions import RedisError

from accounts.models import Workspace
from accounts.redis_client import client
from generations.models import Clip
from generations.refusals import StorageFull

#: Seconds.
KNOWN_FOR = 60
GB = 1 << 30
WHAT_TO_DO = (
    "Delete clips you do not need any more, or say under “How long things are kept” when they go. "
    "Nothing was ordered."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The clips of a workspace that are in storage."""

    bytes: int
    files: int


def refuse_when_full(workspace: Workspace, *, count: int) -> None:
    """:raises StorageFull: so many more clips find no room."""
    most_bytes, most_files = settings.CLIPS_MAX_BYTES, settings.CLIPS_MAX_FILES
    if most_bytes is None and most_files is None:
        return
    kept = _known(workspace)
    if most_bytes is not None and kept.bytes >= most_bytes:
        said = f"There is no room for more clips: yours take {kept.bytes / GB:.1f} GB of"
        raise StorageFull(f"{said} {most_bytes / GB:.0f} GB. {WHAT_TO_DO}")
    if most_files is not None and kept.files + count > most_files:
        said = f"There is no room for {count} more: you keep {kept.files} clips of"
        raise StorageFull(f"{said} {most_files}. {WHAT_TO_DO}")


def has_changed(workspace_id: object) -> None:
    """A clip was deleted: the next order finds the room that it leaves."""
    if settings.CLIPS_MAX_BYTES is not None or settings.CLIPS_MAX_FILES is not None:
        transaction.on_commit(partial(_forget, workspace_id), robust=True)


def _known(workspace: Workspace) -> Kept:
    """As it was up to a minute ago; without Redis as it is."""
    key = _key(workspace.pk)
    try:
        if known := client().get(key):
            return Kept(*map(int, known.split()))
        begun = time.monotonic()
        kept = _counted(workspace)
        # It takes a thousandth of anybody's time at the most: a million clips are a second.
        known_for = max(KNOWN_FOR, round(1000 * (time.monotonic() - begun)))
        client().set(key, f"{kept.bytes} {kept.files}", ex=known_for)
    except (RedisError, OSError):
        return _counted(workspace)
    return kept


def _counted(workspace: Workspace) -> Kept:
    mine = Clip.objects.for_workspace(workspace)
    found = mine.aggregate(bytes=Sum("bytes"), files=Count("pk"))
    return Kept(int(found["bytes"] or 0), found["files"])


def _forget(workspace_id: object) -> None:
    with suppress(RedisError, OSError):  # then it is known anew within a minute
        client().delete(_key(workspace_id))


def _key(workspace_id: object) -> str:
    return f"room:{workspace_id}"
