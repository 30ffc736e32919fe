"""Lines as files for programs: CSV and JSON lines, piece by piece."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator

from accounts.moments import moment
from billing import money
from billing.formulas import is_formula
from billing.statements.lines import Line, pages
from billing.statements.periods import Balances, Book

#: Column -> what stands in it. Texts that a stranger may have written go through `_harmless`.
COLUMNS: dict[str, Callable[[Line], str]] = {
    "id": lambda line: line.public_id,
    "time": lambda line: moment(line.at),
    "type": lambda line: line.kind,
    "label": lambda line: line.label,
    "description": lambda line: line.description,
    "amount": lambda line: money.usd(line.amount),
    "net": lambda line: money.usd(line.net),
    "currency": lambda line: "USD",
    "available_after": lambda line: money.usd(line.after.available),
    "held_after": lambda line: money.usd(line.after.held),
    "debt_after": lambda line: money.usd(line.after.debt),
    "reference": lambda line: line.reference,
    "generation": lambda line: line.details.public_id,
    "model": lambda line: line.details.model,
    "request_id": lambda line: line.details.request_id,
    "provider": lambda line: line.details.provider,
    "provider_job_id": lambda line: line.details.provider_job_id,
}

#: Amounts may begin with a minus; they are ours and no formula.
AMOUNTS = frozenset({"amount", "net", "available_after", "held_after", "debt_after"})


def statement_csv(book: Book) -> Iterator[str]:
    """The ledger between its opening and its closing balance, each a row of its own."""
    yield rows([COLUMNS])
    yield rows([_balance_row("opening_balance", "Opening balance", book.opening)])
    yield from _movements(book)
    yield rows([_balance_row("closing_balance", "Closing balance", book.closing)])


def ledger_csv(book: Book) -> Iterator[str]:
    """A header row and a row for each transfer; UTF-8 without a byte order mark."""
    yield rows([COLUMNS])
    yield from _movements(book)


def ledger_json_lines(book: Book) -> Iterator[str]:
    """An object with the CSV's columns for each transfer; what is not known is null."""
    for page in pages(book):
        objects = ({name: of(line) or None for name, of in COLUMNS.items()} for line in page)
        yield "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in objects)


def rows(lines: Iterable[Iterable[str]]) -> str:
    """Lines of cells as CSV."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows(lines)
    return sheet.getvalue()


def _movements(book: Book) -> Iterator[str]:
    for page in pages(book):
        yield rows([cell(line) for cell in CELLS] for line in page)


def _balance_row(kind: str, label: str, balances: Balances) -> list[str]:
    cells = {
        "type": kind,
        "label": label,
        "currency": "USD",
        "available_after": money.usd(balances.available),
        "held_after": money.usd(balances.held),
        "debt_after": money.usd(balances.debt),
    }
    return [cells.get(name, "") for name in COLUMNS]


def harmless(text: str) -> str:
    """The same text, with an apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if is_formula(text) else text


def _harmless(of: Callable[[Line], str]) -> Callable[[Line], str]:
    return lambda line: harmless(of(line))


#: The columns as CSV has them: made once, as there are a million lines.
CELLS = [of if name in AMOUNTS else _harmless(of) for name, of in COLUMNS.items()]
