"""storing → succeeded: bring the file home, judge it, keep it, deliver it."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection

from generations import lifecycle, nudges, storage
from generations.claims import Claim, kept, take
from generations.models import Attempt, Clip, Generation
from generations.models.attempt import AttemptState

logger = logging.getLogger(__name__)


def run(*, now: datetime | None = None) -> int:
    """
    Bring one file home, and nudge for the next: so many at once as there are workers.

    Returns how many rows were taken up.
    """
    claims = take(Generation, where="state = 'storing'", limit=1, now=now)
    for held in claims:
        nudges.now("store")
        with kept(claims):
            _bring_home(held)
    return len(claims)


def _bring_home(held: Claim[Generation]) -> None:
    attempt = Attempt.objects.get(generation=held.row, state=AttemptState.OPEN)
    connection.close()  # minutes may pass
    try:
        clip = storage.bring_home(held.row, attempt.result_url)
    except storage.NotStored as error:
        logger.warning("The file of %s did not come home: %s", held.row.public_id, error)
        lifecycle.not_stored(held, attempt=attempt, code=error.code, message=str(error))
    except Exception as error:  # counted like any other try, so that no clip is stuck for ever
        logger.exception("Bringing home the file of %s broke.", held.row.public_id)
        said = f"{type(error).__name__}: {error}"
        lifecycle.not_stored(held, attempt=attempt, code="unexpected", message=said)
    else:
        _deliver(held, attempt, clip)


def _deliver(held: Claim[Generation], attempt: Attempt, clip: Clip) -> None:
    lifecycle.delivered(held, attempt=attempt, clip=clip)
