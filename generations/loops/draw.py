"""delivered → with a poster: one after the other, in a child process that lets others go first."""

from __future__ import annotations

import logging
import threading
import uuid

from django.db import connection

from accounts.concurrency import stopping
from generations import posters

logger = logging.getLogger(__name__)

ENOUGH = 50
#: One clip's poster costs as much as its delivery: a process draws one at a time.
_only_one = threading.Lock()

#: One that cannot be drawn now is tried again within the hour, for a day.
TAKE = """
UPDATE generations_clip SET poster_due_at =
       CASE WHEN created_at > now() - interval '1 day' THEN now() + interval '1 hour' END
 WHERE generation_id = (SELECT generation_id FROM generations_clip
                         WHERE poster_due_at <= now()
                         ORDER BY poster_due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING generation_id"""


def run() -> int:
    """Draw what is due, unless this process is at it already. Returns how many were taken up."""
    if not _only_one.acquire(blocking=False):
        return 0
    try:
        for taken in range(ENOUGH):
            if stopping.is_set() or (clip := _next()) is None:
                return taken
            _draw(clip)
        return ENOUGH
    finally:
        _only_one.release()


def _next() -> uuid.UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(TAKE)
        row = cursor.fetchone()
    connection.close()
    return row[0] if row else None


def _draw(clip: uuid.UUID) -> None:
    try:
        posters.make(clip, patiently=True)
    except Exception:  # a storage that is away must not keep the others from theirs
        logger.exception("The poster of %s could not be drawn.", clip)
