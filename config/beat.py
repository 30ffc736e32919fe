"""The beat's clock: keeps nothing on disk, and does not spin while it waits."""

from __future__ import annotations

from celery.beat import Scheduler


class PatientScheduler(Scheduler):
    """
    Wakes just after an entry is due. Celery's own wakes 10 ms before and asks again and again
    until it is: 40 rounds a second, and three quarters of all that an idle Reelay computes.
    """

    def adjust(self, n: int, drift: float = 0.002) -> float:
        return super().adjust(n, drift)
