"""The top of a statement's first page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from billing.statements.paper import MARGIN, WIDTH, Paper
from billing.statements.sheet import Sheet

PREPAID = "Prepaid credit, USD"


def letterhead(paper: Paper, sheet: Sheet) -> None:
    """Who writes, what this is, and whom it is for."""
    left = _block(paper, 22, 84, sheet.issuer, 15, 8.5)
    facts = [
        ("Statement number", sheet.number),
        ("Period", period_of(sheet)),
        ("Issued", day_of(sheet.issued.date())),
        ("Currency", PREPAID),
    ]
    paper.set_y(22)
    paper.type(15, bold=True)
    paper.put(MARGIN + 94, 80, "Statement of account")
    right = _facts(paper, 29, facts)
    _customer(paper, sheet, max(left, right) + 7)


def figures(paper: Paper, sheet: Sheet, usd: Callable[[int], str]) -> None:
    """Opening balance, in, out, closing balance: the whole statement in one line."""
    y = paper.y
    figures = [
        ("Opening balance", usd(sheet.opening.credit)),
        ("Money in", usd(sum(total.came for total in sheet.totals))),
        ("Money out", usd(sum(total.went for total in sheet.totals))),
        ("Closing balance", usd(sheet.closing.credit)),
    ]
    paper.rule(y, strong=True)
    for number, (name, amount) in enumerate(figures):
        x = MARGIN + number * WIDTH / 4
        paper.set_y(y + 5.6)
        paper.type(8, soft=True)
        paper.put(x, 40, name)
        paper.set_y(y + 12)
        paper.type(13, bold=True)
        paper.put(x, 40, amount)
    paper.rule(y + 16, strong=True)
    paper.set_y(y + 25)


def period_of(sheet: Sheet) -> str:
    first, last = sheet.first_day, sheet.last_day
    return f"{first.day} to {last.day} {last:%B %Y}"


def day_of(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _block(
    paper: Paper, y: float, width: float, lines: Sequence[str], big: float, small: float
) -> float:
    """Lines of an address, the first of them large; returns where the next thing may stand."""
    for number, line in enumerate(lines):
        size = small if number else big
        paper.type(size, bold=not number, soft=bool(number))
        for folded in paper.folded(paper.drawable(line), width):
            paper.set_y(y)
            paper.put(MARGIN, width, folded)
            y += size * 0.47
        y += 0 if number else 1.4
    return y


def _facts(paper: Paper, y: float, facts: Iterable[tuple[str, str]]) -> float:
    for name, value in facts:
        paper.set_y(y)
        paper.type(8.5, soft=True)
        paper.put(MARGIN + 94, 32, name)
        paper.type(8.5)
        paper.put(MARGIN + 126, WIDTH - 126, value)
        y += 4.6
    return y


def _customer(paper: Paper, sheet: Sheet, y: float) -> None:
    paper.set_y(y)
    paper.type(8, soft=True)
    paper.put(MARGIN, 80, "Statement for")
    y = _block(paper, y + 5.4, WIDTH, [*sheet.customer, sheet.customer_id], 10.5, 8.5)
    if sheet.as_of:
        paper.set_y(y + 3)
        paper.type(8.5, bold=True)
        until = f"{day_of(sheet.as_of.date())}, {sheet.as_of:%H:%M} UTC"
        paper.put(MARGIN, WIDTH, f"Provisional, as of {until}: the month is not over yet.")
        y += 5
    paper.set_y(y + 6)
