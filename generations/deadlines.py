"""When to look again and when to stop waiting: DESIGN section 4's table, as numbers. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from generations.models import Generation
from generations.states import State

QUEUED_FOR = timedelta(hours=6)
UNKNOWN_FOR = timedelta(minutes=15)
UNKNOWN_FOR_WITH_LOOKUP = timedelta(minutes=60)
SOFT = timedelta(minutes=30)
HARD = timedelta(hours=24)
OVERDUE_WAIT = timedelta(seconds=60)

#: An attempt that ends like this may still be finished by its provider; asked about again then.
GIVEN_UP = frozenset({"outcome_unknown", "stopped_by_staff", "timeout"})
LATE_LOOK = timedelta(hours=1)

#: how long to wait before the next try to bring a file home
STORE_WAITS = [0, 5, 15, 30, 60, 120]
STORE_WAITS_ON = 15 * 60
STORE_LEAST = timedelta(hours=1)
#: what a fresh link will hardly cure is tried three times
HOPELESS = frozenset({"forbidden_address", "too_large", "not_a_video"})

#: our code -> what a customer reads
MESSAGES = {
    "content_policy": "The provider's content rules do not allow this clip. Nothing was charged.",
    "expired": "The provider let the job expire. Nothing was charged.",
    "image_invalid": "The first frame could not be used. Nothing was charged.",
    "image_unreachable": "The first frame could not be fetched. Nothing was charged.",
    "invalid_request": "The provider refused the order. Nothing was charged.",
    "no_capacity": "Nobody could take the order in time. Nothing was charged.",
    "outcome_unknown": "The provider never said what became of it. Nothing was charged.",
    "provider_error": "The provider could not make the clip. Nothing was charged.",
    "result_unusable": "The finished file could not be used. Nothing was charged.",
    "stopped_by_staff": "We stopped this clip. Nothing was charged.",
    "timeout": "The clip was not finished in time. Nothing was charged.",
}


def passed(generation: Generation, *, now: datetime, lookup: bool) -> str:
    """
    What a deadline says: "" to go on waiting, "overdue", or the code it fails with.

    :param lookup: whether the provider can be asked what became of an unclear submission.
    """
    if generation.state == State.QUEUED:
        return "no_capacity" if now - generation.created_at > QUEUED_FOR else ""
    if generation.state == State.UNKNOWN:
        limit = UNKNOWN_FOR_WITH_LOOKUP if lookup else UNKNOWN_FOR
        return "outcome_unknown" if now - generation.state_since > limit else ""
    age = now - (generation.started_at or generation.state_since)
    if age > HARD:
        return "timeout"
    return "overdue" if age > SOFT and generation.state == State.RUNNING else ""


def next_wait(generation: Generation, *, now: datetime) -> timedelta:
    """For what nothing was learned about: a tenth of the time it has taken so far, 2 to 10 s."""
    age = (now - generation.state_since).total_seconds()
    return timedelta(seconds=min(10.0, max(2.0, age / 10)))


def store_wait(tries: int, *, code: str, since: datetime | None, now: datetime) -> timedelta | None:
    """How long until the next try to bring the file home; None when it is time to give up."""
    if code in HOPELESS and tries >= 3:
        return None
    if tries >= len(STORE_WAITS) and since and now - since > STORE_LEAST:
        return None
    wait = STORE_WAITS[tries] if tries < len(STORE_WAITS) else STORE_WAITS_ON
    return timedelta(seconds=wait)
