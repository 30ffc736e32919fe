"""A job that is under way is stopped where its provider can do that without charging us."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.db.models.functions import Now

from generations import charging, connect, moves, owed, sending, transport
from generations.models import Attempt, Generation
from generations.models.attempt import AttemptState
from generations.providers.base import ProviderError
from generations.states import State

logger = logging.getLogger(__name__)

STOPPABLE = frozenset({State.RUNNING, State.OVERDUE})


def can_be_stopped(generation: Generation) -> bool:
    """Under way with a provider that stops jobs for free."""
    if generation.state not in STOPPABLE or generation.provider not in connect.names():
        return False
    return connect.provider(generation.provider).capabilities.cancel


def stop(generation: Generation) -> bool:
    """
    Ask its provider to stop it; once that is confirmed it is canceled and its hold released.

    To be called outside of any transaction: it waits for the provider's answer. False changes
    nothing, and the job goes on.
    """
    attempt = generation.attempts.filter(state=AttemptState.OPEN).exclude(job_id="").first()
    if not can_be_stopped(generation) or attempt is None:
        return False
    connection.close()
    return _confirmed(generation, attempt) and _canceled(generation, attempt)


def _confirmed(generation: Generation, attempt: Attempt) -> bool:
    exchange = connect.provider(attempt.provider).cancel(sending.job(generation, attempt))
    try:
        return transport.run(exchange, timeout=connect.LOOK_TIMEOUT)
    except ProviderError as error:
        logger.warning("%s did not say whether it stopped a job: %s", attempt.provider, error.code)
        return False


@transaction.atomic
def _canceled(generation: Generation, attempt: Attempt) -> bool:
    if not moves.move(generation, to=State.CANCELED):
        return False
    Attempt.objects.filter(pk=attempt.pk).update(
        state=AttemptState.FAILED, finished_at=Now(), error_code="canceled"
    )
    owed.nothing(attempt, "canceled")
    moves.record(
        generation,
        "generation.canceled",
        f"Canceled: {attempt.provider} stopped it.",
        provider=attempt.provider,
    )
    charging.release(generation, description="Canceled: given back")
    return True
