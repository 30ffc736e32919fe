"""Tell the customer: at least once, or the notice stays with the reason it was given up."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models.functions import Now

from accounts import bindings, ids
from accounts.claims import Claim, kept, take
from accounts.crashpoints import crashpoint
from generations import notices
from generations.models import Notice

logger = logging.getLogger(__name__)

WAITS = [5, 30, 300, 1800, 7200, 18000, 28800, 36000, 43200, 57600, 64800]


#: Letters that are taken up at once.
BATCH = 50


def run(*, limit: int = BATCH, now: datetime | None = None) -> int:
    """Send what is due. Returns how many notices were taken up."""
    claims = take(Notice, where="sent_at IS NULL AND given_up_at IS NULL", limit=limit, now=now)
    with kept(claims):
        for held in claims:
            _tell(held)
    return len(claims)


def _tell(held: Claim[Notice]) -> None:
    try:
        with bindings.about(generation=ids.public("gen", held.row.generation_id)):
            notices.send(held.row)
        crashpoint("CP17")
    except Exception as error:  # whatever a mail server does, the others are told
        logger.warning("A notice could not be sent: %s", error)
        _write_down(held, **_later(held.row, error))
    else:
        _write_down(held, sent_at=Now(), error="")


def _later(notice: Notice, error: Exception) -> dict[str, object]:
    said = {"error": f"{type(error).__name__}: {error}"[:500]}
    if notice.tries >= len(WAITS):
        return said | {"given_up_at": Now()}
    return said | {"due_at": Now() + timedelta(seconds=WAITS[notice.tries])}


def _write_down(held: Claim[Notice], **changes: object) -> None:
    rows = Notice.objects.filter(pk=held.row.pk, lease_token=held.token)
    rows.update(lease_until=None, tries=held.row.tries + 1, **changes)
