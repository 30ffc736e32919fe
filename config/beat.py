"""The beat's clock: keeps nothing on disk, does not spin while it waits, and beats alone."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery.beat import Scheduler
from django.db import Error, connection
from redis.exceptions import RedisError

from accounts.redis_client import client

logger = logging.getLogger(__name__)

#: Where it stands when the beat last beat (seconds since 1970), for probes and metrics.
SEEN = "beat:seen"
#: How often one that waits asks whether the other is gone, in seconds.
WAIT = 1.0
LOCK = "SELECT pg_try_advisory_lock(hashtext('reelay.beat'))"


class PatientScheduler(Scheduler):
    """
    Wakes just after an entry is due. Celery's own wakes 10 ms before and asks again and again
    until it is: 40 rounds a second, and three quarters of all that an idle Reelay computes.

    However often it is started, one beats and the others wait. The lock lives in PostgreSQL, as
    long as the connection of whoever holds it: with a killed one it is free at once.
    """

    _is_leader = False

    def adjust(self, n: int, drift: float = 0.002) -> float:
        return super().adjust(n, drift)

    def tick(self, *args: Any, **options: Any) -> float:
        if not self._leads():
            return WAIT
        seen()
        return float(super().tick(*args, **options))

    def _leads(self) -> bool:
        """Asked before every round: a connection that broke took the lock with it."""
        try:
            led, self._is_leader = self._is_leader, self._holds_the_lock()
        except Error:
            connection.close()
            led, self._is_leader = self._is_leader, False
        if led != self._is_leader:
            logger.warning("This beat %s.", "beats" if self._is_leader else "waits: another beats")
        return self._is_leader

    def _holds_the_lock(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1" if self._is_leader else LOCK)
            return bool(cursor.fetchone()[0])


def seen() -> None:
    """Leave a sign of life; without one the beat beats on."""
    try:
        client().set(SEEN, time.time())
    except (RedisError, OSError):
        logger.warning("The beat could not leave a sign of life.")


def silent_for() -> float | None:
    """Seconds since the last sign of life; None when there never was one."""
    last = client().get(SEEN)
    return max(0.0, time.time() - float(last)) if last else None
