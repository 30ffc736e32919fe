"""The movements of a book, one line each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import ids
from billing.models import Account, Kind, Transfer
from billing.statements import references
from billing.statements.periods import Balances, Book
from billing.statements.references import Details

#: Accounts whose money is the customer's; moving it from one to another changes nothing for them.
WALLET = frozenset({Account.AVAILABLE, Account.HELD, Account.DEBT})

#: How many lines are read, described and sent at a time.
PAGE = 2000

UNKNOWN = Details()


@dataclass(frozen=True, slots=True)
class Line:
    """
    One transfer. Amounts are micro-dollars.

    `amount` is what it did to the balance it is about: to what can be spent, or, where it leaves
    that alone (a capture takes what was held), to all of it. `net` is what it did to all of it:
    nothing for a hold or a release, so these add up to closing less opening balance.
    """

    id: UUID
    at: datetime
    kind: str
    amount: int
    net: int
    description: str
    reference: str
    after: Balances
    details: Details

    @property
    def public_id(self) -> str:
        return ids.public("txn", self.id)

    @property
    def label(self) -> str:
        return label_of(self.kind)


def lines(book: Book) -> Iterator[Line]:
    """Every line of the book in order, in constant memory."""
    for page in pages(book):
        yield from page


def pages(book: Book) -> Iterator[list[Line]]:
    """
    The lines by the page, each a short query of its own.

    Positions have no gaps and rows never change, so this reads what one long cursor would, and
    a slow download keeps no transaction open.
    """
    for first in range(book.first, book.last + 1, PAGE):
        yield _described(_between(book, first, min(first + PAGE - 1, book.last)))


def money_lines(book: Book, *, kinds: Collection[str]) -> list[Line]:
    """Those of these kinds that brought money into the wallet or took it out of it."""
    comes, goes = Q(credit__in=sorted(WALLET)), Q(debit__in=sorted(WALLET))
    rows = _between(book, book.first, book.last).filter(comes ^ goes, kind__in=sorted(kinds))
    return _described(rows)


@cache
def label_of(kind: str) -> str:
    """The word for a kind of transfer, also for one that is newer than this page."""
    return Kind(kind).label if kind in Kind.values else kind.replace("_", " ").capitalize()


class _Row(NamedTuple):
    id: UUID
    created_at: datetime
    kind: str
    debit: str
    credit: str
    amount: int
    description: str
    reference: str
    available_after: int
    held_after: int
    debt_after: int


def _between(book: Book, first: int, last: int) -> QuerySet[Transfer]:
    rows = Transfer.objects.for_workspace(book.workspace)
    return rows.filter(position__gte=first, position__lte=last).order_by("position")


def _described(rows: QuerySet[Transfer]) -> list[Line]:
    found = [_Row(*row) for row in rows.values_list(*_Row._fields)]
    known = references.describe({row.reference for row in found if row.reference})
    return [_line(row, known.get(row.reference, UNKNOWN)) for row in found]


def _line(row: _Row, details: Details) -> Line:
    net = row.amount * ((row.credit in WALLET) - (row.debit in WALLET))
    spendable = row.amount * ((row.credit == Account.AVAILABLE) - (row.debit == Account.AVAILABLE))
    return Line(
        id=row.id,
        at=row.created_at,
        kind=row.kind,
        amount=spendable or net or row.amount,
        net=net,
        description=row.description,
        reference=row.reference,
        after=Balances(row.available_after, row.held_after, row.debt_after),
        details=details,
    )
