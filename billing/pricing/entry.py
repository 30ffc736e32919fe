"""Two steps to new prices: a preview that can be signed for, and its entry, exactly as shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import connection, transaction

from billing.models import Rate
from billing.pricing.differences import WRONG, Difference, differences, unreadable
from billing.pricing.rows import Reading, Row
from billing.pricing.table import Table

SALT = "billing.pricing.entry"
#: How long a preview can be confirmed.
LASTS = timedelta(hours=1)

#: Tick -> what staff say with it.
TICKS = {
    "jumps": "I have looked at every cost and price that jumps by more than 25 %.",
    "below_cost": "I want to sell below our cost where it says so.",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rows that somebody was shown, and the table they were compared with."""

    rows: tuple[Row, ...]
    source: str
    complete: bool
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    proposal: Proposal
    differences: list[Difference]

    @property
    def changes(self) -> list[Difference]:
        return [one for one in self.differences if one.is_change]

    @property
    def wrong(self) -> list[Difference]:
        return [one for one in self.differences if one.kind in WRONG]

    @property
    def ticks(self) -> dict[str, str]:
        """What must be ticked before this may be entered."""
        needed = {
            "jumps": any(one.is_jump for one in self.differences),
            "below_cost": any(one.is_below_cost for one in self.differences),
        }
        return {name: TICKS[name] for name, is_needed in needed.items() if is_needed}

    @property
    def can_be_entered(self) -> bool:
        return bool(self.changes) and not self.wrong


class NotEntered(Exception):
    """Nothing was changed; the message says why, and `preview` is what to look at now."""

    def __init__(self, reason: str, preview: Preview) -> None:
        self.preview = preview
        super().__init__(reason)


def preview(reading: Reading, *, source: str, now: datetime, complete: bool = False) -> Preview:
    """What entering would change. Changes nothing."""
    proposal = Proposal(tuple(reading.rows), source, complete)
    found = _preview(proposal, now)
    return Preview(found.proposal, unreadable(reading.faults) + found.differences)


def signed(proposal: Proposal, *, by: str) -> str:
    """The proposal as a text that only this member of staff can hand in again, for an hour."""
    told = {**asdict(proposal), "rows": [_told(row) for row in proposal.rows]}
    return signing.dumps(told, salt=f"{SALT}.{by}", compress=True)


def opened(text: str, *, by: str) -> Proposal:
    """Raises signing.BadSignature for what we did not sign, or not for them, or long ago."""
    told = signing.loads(text, salt=f"{SALT}.{by}", max_age=LASTS)
    return Proposal(**{**told, "rows": tuple(_row(row) for row in told["rows"])})


@transaction.atomic
def enter(proposal: Proposal, *, ticked: Collection[str], now: datetime) -> list[Rate]:
    """
    Put exactly what was shown into the table; the new rates.

    Raises NotEntered when the table changed since, when a moment is past by now, or when a tick
    is missing.
    """
    with connection.cursor() as cursor:  # others may read, and enter only afterwards
        cursor.execute(f"LOCK TABLE {Rate._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    found = _preview(proposal, now)
    if reason := _why_not(proposal, found, ticked, now):
        raise NotEntered(reason, found)
    rates = [one.after for one in found.changes if one.after is not None]
    for rate in rates:
        rate.note = rate.note or proposal.source[:200]
    return Rate.objects.bulk_create(rates)


def _preview(proposal: Proposal, now: datetime) -> Preview:
    table = Table.load(now=now)
    fingerprint = table.fingerprint(now=now)
    found = differences(proposal.rows, table=table, now=now, complete=proposal.complete)
    shown = Proposal(proposal.rows, proposal.source, proposal.complete, fingerprint)
    return Preview(shown, found)


def _why_not(proposal: Proposal, found: Preview, ticked: Collection[str], now: datetime) -> str:
    if proposal.fingerprint != found.proposal.fingerprint:
        return "The price table changed meanwhile. This is what it would be now: look again."
    if any(row.valid_from and row.valid_from <= now for row in proposal.rows):
        return "A change was to begin at a moment that is past by now. Choose a later one."
    if not found.can_be_entered:
        return "There is nothing to enter, or something that cannot be."
    if set(found.ticks) - set(ticked):
        return "Tick what you have looked at; nothing was entered."
    return ""


def _told(row: Row) -> dict[str, Any]:
    return {
        **asdict(row),
        "markup": None if row.markup is None else str(row.markup),
        "valid_from": None if row.valid_from is None else row.valid_from.isoformat(),
    }


def _row(told: dict[str, Any]) -> Row:
    markup, moment = told["markup"], told["valid_from"]
    return Row(
        **{
            **told,
            "markup": None if markup is None else Decimal(markup),
            "valid_from": None if moment is None else datetime.fromisoformat(moment),
        }
    )
