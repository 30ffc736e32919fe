"""Tells a worker that there is something to do with money; the tick finds it anyway."""

from __future__ import annotations

from accounts import nudges

WORK = "billing.tasks.work"


def work() -> None:
    """After the commit of whatever is under way."""
    nudges.after_commit(WORK)


def heard() -> None:
    nudges.heard(WORK)
