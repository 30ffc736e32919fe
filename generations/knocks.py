"""A knock on an attempt's door: filed once, and the job is looked at now."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from generations import connect, moves, nudges, seals
from generations.models import Attempt, Generation, Knock
from generations.models.attempt import AttemptState
from generations.providers import base
from generations.states import UNDER_WAY, State

logger = logging.getLogger(__name__)

KEPT = 8 << 10
MOST = 20
JOB_ID = re.compile(r"[A-Za-z0-9_:.-]{1,128}")


def answer(
    attempt: Attempt, *, headers: Mapping[str, str], body: bytes, now: datetime
) -> dict[str, str]:
    """
    What to say to somebody at this attempt's door: an echo of their challenge, or nothing.

    :raises base.BadSignature: the provider signs, and this is not from it: nothing is filed.
    """
    provider = connect.provider(attempt.provider)
    if provider.capabilities.signed:
        seals.check(provider, headers=headers, body=body, now=now)
    knock = _read(provider, headers, body)
    if knock.challenge is not None:
        return {"challenge": knock.challenge}
    file(attempt, body, job_id=knock.job_id or "")
    return {}


@transaction.atomic
def file(attempt: Attempt, body: bytes, *, job_id: str = "") -> None:
    """
    Repeated and surplus knocks change nothing; every new one makes us look.

    :param job_id: whom it names; only ever a candidate to ask the provider about.
    """
    if attempt.knocks.count() >= MOST:
        return
    text = body[:KEPT].decode(errors="replace").replace("\x00", "")
    named = job_id if JOB_ID.fullmatch(job_id) else ""
    _, new = Knock.objects.get_or_create(
        attempt=attempt,
        digest=hashlib.sha256(body).hexdigest(),
        defaults={"body": text, "job_id": named},
    )
    if new:
        look_now(attempt)


def look_now(attempt: Attempt) -> None:
    """Due at once; a look that is under way sees `knocked_at` and comes back at once."""
    waiting = Generation.objects.filter(pk=attempt.generation_id)
    waiting.filter(state__in=UNDER_WAY | {State.SUBMITTING}).update(knocked_at=Now())
    waiting.filter(state__in=UNDER_WAY).update(due_at=Now())
    nudges.after_commit("look")
    _late(attempt)


def _late(attempt: Attempt) -> None:
    """Too late for its generation: what it is about is found out for staff."""
    given_up = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.ABANDONED)
    if given_up.update(late_look_at=Now()):
        moves.record(
            attempt.generation,
            "attempt.late_knock",
            f"{attempt.provider} called after it was given up.",
            provider=attempt.provider,
        )
        nudges.after_commit("late")


def _read(provider: base.Provider, headers: Mapping[str, str], body: bytes) -> base.Knock:
    """Unreadable is no reason not to look: only who knocked matters, and the address says that."""
    try:
        return provider.webhook(headers=headers, body=body)
    except (ValueError, NotImplementedError):
        logger.warning("A webhook of %s could not be read", provider.name)
        return base.Knock(job_id=None)
