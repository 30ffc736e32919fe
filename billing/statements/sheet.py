"""What stands on a statement: money in and money out, as an accountant reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings

from billing.statements import sums
from billing.statements.lines import Line, label_of, money_lines
from billing.statements.periods import Balances, Book
from billing.statements.sums import MONEY_IN_AND_OUT, Sum, splits

#: Beyond so many rows the most numerous kinds are added up by day and model.
MOST_ROWS = 2000

#: Kind -> the word on paper, and how to count several. Others go by the label of their kind.
WORDS: dict[str, str] = {
    "adjustment": "Correction",
    "capture": "Clip",
    "clawback": "Taken back",
    "deposit": "Top-up",
    "promotion": "Credit granted",
    "refund": "Refund",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line on paper; amounts are micro-dollars, and one of them is usually zero."""

    day: date
    text: str
    reference: str
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class Total:
    text: str
    count: int
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    A statement, ready to be drawn. `customer` begins with the workspace's name.

    `as_of` is set while the period is not over: then nothing here is final.
    """

    issuer: Sequence[str]
    customer: Sequence[str]
    customer_id: str
    number: str
    first_day: date
    last_day: date
    issued: datetime
    as_of: datetime | None
    opening: Balances
    closing: Balances
    rows: list[Row]
    totals: list[Total]
    is_grouped: bool


def sheet(book: Book, *, now: datetime, address: Sequence[str] = ()) -> Sheet:
    """The statement over a book, with the customer's billing address if there is one."""
    by_kind = sums.sums(book, by=["kind"], over=MONEY_IN_AND_OUT)
    grouped = _too_many(by_kind)
    return Sheet(
        issuer=issuer(),
        customer=[book.workspace.name, *address],
        customer_id=book.workspace.public_id,
        number=number(book),
        first_day=book.start.date(),
        last_day=book.last_day,
        issued=now.astimezone(UTC),
        as_of=now.astimezone(UTC) if now < book.end else None,
        opening=book.opening,
        closing=book.closing,
        rows=_rows(book, {sum.key[0] for sum in by_kind}, grouped),
        totals=[Total(word_of(sum.key[0]), sum.count, sum.came, sum.went) for sum in by_kind],
        is_grouped=bool(grouped),
    )


def issuer() -> list[str]:
    """The lines of `settings.STATEMENT_ISSUER`: our name, then the legal address."""
    lines = getattr(settings, "STATEMENT_ISSUER", None) or ["Reelay"]
    return [str(line) for line in ([lines] if isinstance(lines, str) else lines)]


def number(book: Book) -> str:
    """The same for ever and for nobody else: the month and the end of the workspace's id."""
    return f"{book.start:%Y-%m}-{book.workspace.pk.hex[-10:].upper()}"


def word_of(kind: str) -> str:
    return WORDS.get(kind) or label_of(kind)


def _too_many(by_kind: Sequence[Sum]) -> set[str]:
    """The kinds to add up, most numerous first, until the others fit line by line."""
    grouped: set[str] = set()
    left = sum(one.count for one in by_kind)
    for one in sorted(by_kind, key=lambda one: -one.count):
        if left <= MOST_ROWS:
            break
        grouped.add(one.key[0])
        left -= one.count
    return grouped


def _rows(book: Book, kinds: Collection[str], grouped: set[str]) -> list[Row]:
    """By day; on each day first the lines in order, then what was added up."""
    single = [_row(line) for line in money_lines(book, kinds=set(kinds) - grouped)]
    several = _added_up(book, grouped) if grouped else []
    return sorted(single + several, key=lambda row: row.day)


def _row(line: Line) -> Row:
    return Row(
        day=line.at.astimezone(UTC).date(),
        text=_said(word_of(line.kind), line.details.model, line.description),
        reference=line.details.public_id or line.reference or line.public_id,
        came=max(line.net, 0),
        went=max(-line.net, 0),
    )


def _added_up(book: Book, kinds: set[str]) -> list[Row]:
    by = ["day", "kind", "model"] if "model" in splits() else ["day", "kind"]
    found = sums.sums(book, by=by, over=MONEY_IN_AND_OUT)
    return [_row_of(sum) for sum in found if sum.key[1] in kinds]


def _row_of(sum: Sum) -> Row:
    day, kind, *model = sum.key
    text = _said(word_of(kind), "".join(model), "")
    return Row(date.fromisoformat(day), text, f"{sum.count:,} together", sum.came, sum.went)


def _said(word: str, model: str, description: str) -> str:
    said = f"{word}, {model}" if model else word
    return said if description in ("", word) else f"{said}: {description}"
