"""
Nudges: "now would be a good time". Losing one costs a second, never a clip: the tick finds the row.
"""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.crashpoints import crashpoint
from accounts.redis_client import client

logger = logging.getLogger(__name__)

#: Seconds after which a nudge that was not heard is taken for lost.
PENDING_FOR = 1


def after_commit(task: str) -> None:
    transaction.on_commit(lambda: now(task), robust=True)


def now(task: str) -> None:
    """
    Send it; a broker that is down is not our caller's problem.

    One nudge of a task is enough until it starts: a crowd of them would only wait in line.
    """
    try:
        if not client().set(_pending(task), 1, nx=True, ex=PENDING_FOR):
            return
        crashpoint("CP3")
        current_app.send_task(task, expires=60, retry=False)
        crashpoint("CP4")
    except (OperationalError, RedisError, OSError):
        logger.warning("The broker took no nudge; the tick will do.", exc_info=False)


def heard(task: str) -> None:
    """The task starts: whatever becomes due from now on needs another nudge."""
    try:
        client().delete(_pending(task))
    except (RedisError, OSError):
        logger.warning("The cache is away; nudges may come a second late.", exc_info=False)


def publish_after_commit(channel: str, message: str) -> None:
    """Wake whoever listens, in any process. Nobody may rely on it: the rows are the truth."""
    transaction.on_commit(lambda: _publish(channel, message), robust=True)


def _publish(channel: str, message: str) -> None:
    try:
        client().publish(channel, message)
    except (RedisError, OSError):
        logger.warning("Nobody could be woken on %s.", channel, exc_info=False)


def _pending(task: str) -> str:
    return f"nudge:{task}"
