"""
Named places where a process can be made to die, so that tests prove that it does no harm there.

Off unless `CRASHPOINTS` names a folder. A file in it named like a point (`CP7`) arms that point:
the first process to pass it takes the file away and is gone, as if by kill -9. The names and what
they stand for are listed in `POINTS`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

POINTS = {
    "CP1": "accept: the idempotency key is taken, nothing is written",
    "CP2": "accept: the hold is committed, the customer has not heard",
    "CP3": "nudge: about to be published",
    "CP4": "nudge: published",
    "CP5": "dispatch: orders are claimed, no attempt is written",
    "CP6": "dispatch: the attempt is committed, nothing is sent",
    "CP7": "submit: sent, the answer has begun, none of it is read",
    "CP8": "submit: the answer is read, nothing of it is written",
    "CP9": "submit: the job is committed",
    "CP10": "look: answered, nothing of it is written",
    "CP11": "look: the success is committed, the file is not here",
    "CP12": "store: the file is half here",
    "CP13": "store: the file is here and judged, not kept",
    "CP14": "store: the file is kept, nobody is charged",
    "CP15": "settle: charged, not committed",
    "CP16": "settle: committed",
    "CP17": "notify: told, not written down",
    "CP18": "paid: Stripe's event is filed, Stripe has not heard",
    "CP19": "paid: the money is credited, the event is not done with",
    "CP20": "tick: what is due is known, nobody is nudged",
}


def _die(name: str) -> None:
    folder = Path(os.environ["CRASHPOINTS"])
    try:
        (folder / name).unlink()  # only one process can be the one
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


#: What passing a point does; None where points are off. A simulator puts its own here.
passing: Callable[[str], None] | None = _die if os.environ.get("CRASHPOINTS") else None


def crashpoint(name: str) -> None:
    """Pass a point. Costs nothing where they are off."""
    if passing is not None:
        passing(name)
