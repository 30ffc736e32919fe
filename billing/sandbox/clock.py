"""The sandbox's own time: the machine's, moved by as much as somebody asked for."""

from __future__ import annotations

import time

from billing.sandbox.store import Store


class Clock:
    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> int:
        """Whole seconds since 1970, as Stripe counts."""
        return int(time.time() + self.ahead())

    def ahead(self) -> float:
        """By how many seconds it has been moved."""
        return float(self._store.note("clock.ahead", "0"))

    def move(self, seconds: float) -> None:
        """Move it on by so many seconds, or back when they are negative."""
        self._store.set_note("clock.ahead", str(self.ahead() + seconds))
