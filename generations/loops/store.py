"""storing → succeeded: bring the file home, judge it, keep it, deliver it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from accounts import bindings
from accounts.claims import IS_DUE, Claim, kept, take
from accounts.concurrency import stopping
from accounts.crashpoints import crashpoint
from generations import lifecycle, nudges, storage
from generations.models import Attempt, Clip, Generation
from generations.models.attempt import AttemptState

logger = logging.getLogger(__name__)

#: Then this worker lets others have a turn.
ENOUGH = 20
#: A process fetches no more of one provider's files at once: a slow line holds up nobody else.
MOST_OF_ONE = 8

_at_work: Counter[str] = Counter()
_counting = threading.Lock()

DUE = "state = 'storing' AND provider <> ALL(%s)"
MORE = f"SELECT EXISTS (SELECT 1 FROM generations_generation WHERE state = 'storing' AND {IS_DUE})"


def run(*, now: datetime | None = None) -> int:
    """
    Bring files home one by one until none is due, and nudge for a helper: so many work at once as
    there are workers. A worker that is told to stop finishes the one it has in hand.

    Returns how many rows were taken up.
    """
    for taken in range(ENOUGH):
        if stopping.is_set():
            return taken
        claims = take(Generation, where=DUE, parameters=[_busy()], limit=1, now=now)
        if not claims:
            return taken
        if _is_more_due():
            nudges.now("store")
        row = claims[0].row
        with kept(claims), _counted(row.provider), bindings.about(generation=row.public_id):
            _bring_home(claims[0])
    return ENOUGH


def _is_more_due() -> bool:
    """Asking costs a tenth of a helper who finds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(MORE)
        (more,) = cursor.fetchone()
    return bool(more)


def _busy() -> list[str]:
    with _counting:
        return [provider for provider, count in _at_work.items() if count >= MOST_OF_ONE]


@contextmanager
def _counted(provider: str) -> Iterator[None]:
    with _counting:
        _at_work[provider] += 1
    try:
        yield
    finally:
        with _counting:
            _at_work[provider] -= 1


def _bring_home(held: Claim[Generation]) -> None:
    attempt = Attempt.objects.filter(generation=held.row, state=AttemptState.OPEN).first()
    connection.close()  # minutes may pass
    if attempt is None:  # somebody else has brought it home since we took it up
        return
    bindings.add(attempt=attempt.id.hex)
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
    crashpoint("CP16")
