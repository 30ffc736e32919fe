"""A knock on an attempt's door: filed once, and the job is looked at now."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models.functions import Now

from generations import nudges
from generations.models import Attempt, Generation, Knock
from generations.states import UNDER_WAY, State

KEPT = 8 << 10
MOST = 20


@transaction.atomic
def file(attempt: Attempt, body: bytes) -> None:
    """Repeated and surplus knocks change nothing; every new one makes us look."""
    if attempt.knocks.count() >= MOST:
        return
    text = body[:KEPT].decode(errors="replace").replace("\x00", "")
    _, new = Knock.objects.get_or_create(
        attempt=attempt, digest=hashlib.sha256(body).hexdigest(), defaults={"body": text}
    )
    if new:
        look_now(attempt)


def look_now(attempt: Attempt) -> None:
    """Due at once; a look that is under way sees `knocked_at` and comes back at once."""
    waiting = Generation.objects.filter(pk=attempt.generation_id)
    waiting.filter(state__in=UNDER_WAY | {State.SUBMITTING}).update(knocked_at=Now())
    waiting.filter(state__in=UNDER_WAY).update(due_at=Now())
    nudges.after_commit("look")
