"""
What the keeper of a site wants to hear of: one logger for all of it, and a count of each kind.

Nothing that somebody typed stands in a line but where they come from and where they wanted to go:
a name that was tried may be a password in the wrong field.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import transaction

from accounts import tallies

logger = logging.getLogger("reelay.security")

#: Each kind of event, and what it says.
EVENTS = {
    "address.refused": "somebody's link led to an address that is not public",
    "audit": "keys, roles, adjustments, suspensions: what the audit has just been told",
    "csp.violated": "a browser stopped a page of ours from doing what none of them does",
    "key.refused": "an API key that nobody has, or from where it may not be used",
    "login.failed": "a password was wrong",
    "login.succeeded": "somebody signed in",
    "logout": "somebody signed out",
    "signature.refused": "a webhook was not signed by whom it says it is from",
}
#: These are told, and are no cause for worry.
USUAL = {"audit", "login.succeeded", "logout"}
LONGEST = 200


def note(event: str, **facts: Any) -> None:
    """One line, and one more in `/metrics`. Facts are ids and addresses, never a secret."""
    tallies.count("security_events", event=event)
    said = {name: _on_one_line(value) for name, value in facts.items() if value is not None}
    words = " ".join([event, *(f"{name}={value}" for name, value in said.items())])
    level = logging.INFO if event in USUAL else logging.WARNING
    logger.log(level, "%s", words, extra={"facts": {"event": event, **said}})


def note_after_commit(event: str, **facts: Any) -> None:
    """Of what is undone nothing is told."""
    transaction.on_commit(partial(note, event, **facts), robust=True)


def _on_one_line(value: Any) -> str:
    """A line feed in it would begin a line that anybody can forge."""
    text = str(value)[:LONGEST]
    return "".join(letter if letter.isprintable() else " " for letter in text)
