"""
Nudges: "now would be a good time". Losing one costs a second, never a clip: the tick finds the row.
"""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LOOPS = ("dispatch", "look", "store", "notify")


def after_commit(loop: str, **kwargs: str) -> None:
    transaction.on_commit(lambda: now(loop, **kwargs), robust=True)


def now(loop: str, **kwargs: str) -> None:
    """Send it; a broker that is down is not our caller's problem."""
    task = f"generations.tasks.{loop}"
    try:
        current_app.send_task(task, kwargs=kwargs, expires=60, retry=False)
    except (OperationalError, RedisError, OSError):
        logger.warning("The broker took no nudge; the tick will do.", exc_info=False)
