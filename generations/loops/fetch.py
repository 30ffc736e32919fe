"""queued with the address of a first frame → queued with our own copy of it."""

from __future__ import annotations

from datetime import datetime

from accounts.claims import kept, take
from generations import frames, moves, nudges
from generations.models import Generation

DUE = "state = 'queued' AND image_url <> '' AND first_frame_id IS NULL"


def run(*, now: datetime | None = None) -> int:
    """
    Fetch one first frame, and nudge for the next: so many at once as there are workers.

    Returns how many orders were taken up. One whose image cannot be had has failed.
    """
    claims = take(Generation, where=DUE, limit=1, now=now)
    for claim in claims:
        nudges.now("fetch")
        with kept(claims):
            if frames.ready(claim):
                moves.stay(claim.row, token=claim.token)
                nudges.now("dispatch")
    return len(claims)
