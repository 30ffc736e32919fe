"""A statement on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from billing import money
from billing.statements.letterhead import PREPAID, day_of, figures, letterhead, period_of
from billing.statements.paper import MARGIN, WIDTH, Paper
from billing.statements.sheet import Row, Sheet, Total

ROW, LEADING = 5.2, 3.6


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    x: float
    width: float
    right: bool = False


DATE = Column("Date", 0, 19)
TEXT = Column("Description", 20, 46)
REFERENCE = Column("Reference", 68, 43)
CAME = Column("Money in", 113, 19, right=True)
WENT = Column("Money out", 133.5, 19, right=True)
BALANCE = Column("Balance", 154, 20, right=True)
MOVEMENTS = [DATE, TEXT, REFERENCE, CAME, WENT, BALANCE]

KIND = Column("Summary", 0, 80)
COUNT = Column("Number", 88, 20, right=True)
TOTALS = [KIND, COUNT, CAME, WENT]


def drawn(sheet: Sheet) -> bytes:
    """The PDF of a statement."""
    return bytes(_Statement(sheet).paper.output())


class _Statement:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.decimals = _decimals(sheet)
        self.columns: Sequence[Column] = []
        self.paper = Paper(head=self._running_head, foot=self._foot)
        self.paper.set_title(f"Statement {sheet.number}")
        self.paper.set_author(sheet.issuer[0])
        self.paper.set_creation_date(sheet.issued)
        self.size = self._size_of_amounts()
        letterhead(self.paper, sheet)
        figures(self.paper, sheet, self._usd)
        self._movements()
        self._totals()

    # Around the pages ------------------------------------------------------------------------

    def _running_head(self, paper: Paper) -> None:
        paper.set_y(16)
        paper.type(8, soft=True)
        paper.put(
            MARGIN,
            WIDTH * 0.72,
            paper.drawable(f"{self.sheet.customer[0]}, {period_of(self.sheet)}"),
        )
        paper.put(MARGIN, WIDTH, f"Statement {self.sheet.number}", right=True)
        paper.set_y(26)
        if self.columns:
            self._table_head()

    def _foot(self, paper: Paper) -> None:
        y, x = paper.y, paper.x
        paper.rule(281)
        paper.set_y(286)
        paper.type(7.5, soft=True)
        paper.put(MARGIN, 120, f"{PREPAID}. All days are in UTC.")
        paper.put_page_number(MARGIN + WIDTH)
        paper.set_xy(x, y)

    # Tables ----------------------------------------------------------------------------------

    def _movements(self) -> None:
        sheet = self.sheet
        self._start_table(MOVEMENTS)
        self._edge_row(sheet.first_day, "Opening balance", sheet.opening.credit)
        balance = sheet.opening.credit
        for row in sheet.rows:
            balance += row.came - row.went
            self._row(row, balance)
        if not sheet.rows:
            self._row_room(ROW)
            self.paper.type(8, soft=True)
            self._cell(TEXT, "No money came in or went out.")
            self._row_end(ROW)
        last = sheet.as_of.date() if sheet.as_of else sheet.last_day
        self._edge_row(last, "Closing balance", sheet.closing.credit)
        self.columns = []

    def _row(self, row: Row, balance: int) -> None:
        paper = self.paper
        paper.type(8)
        lines = paper.folded(paper.drawable(row.text), TEXT.width)
        height = ROW + (len(lines) - 1) * LEADING
        self._row_room(height)
        paper.type(8)
        self._cell(DATE, day_of(row.day))
        self._amounts(row.came, row.went)
        self._balance(balance)
        paper.type(6.5, soft=True)
        self._cell(REFERENCE, paper.drawable(row.reference))
        paper.type(8)
        self._stacked(lines)
        self._row_end(height)

    def _stacked(self, lines: Sequence[str]) -> None:
        top = self.paper.y
        for number, line in enumerate(lines):
            self.paper.set_y(top + number * LEADING)
            self._cell(TEXT, line)
        self.paper.set_y(top)

    def _edge_row(self, day: date, text: str, balance: int) -> None:
        self._row_room(ROW)
        self.paper.type(8, bold=True)
        self._cell(DATE, day_of(day))
        self._cell(TEXT, text)
        self._balance(balance, bold=True)
        self._row_end(ROW)

    def _totals(self) -> None:
        sheet, paper = self.sheet, self.paper
        rows = [*sheet.totals, _all_of(sheet.totals)] if sheet.totals else []
        if not paper.has_room_for(30 + ROW * len(rows)):
            paper.add_page()
        paper.set_y(paper.y + 9)
        if rows:
            self._start_table(TOTALS)
            self.columns = []
        for total in rows:
            paper.type(8, bold=total is rows[-1])
            self._cell(KIND, paper.drawable(total.text))
            self._cell(COUNT, f"{total.count:,}")
            self._amounts(total.came, total.went, bold=total is rows[-1])
            self._row_end(ROW)
        self._notes(paper.y + 2)

    def _notes(self, y: float) -> None:
        """What the closing balance is made of, and what was added up."""
        closing, notes = self.sheet.closing, []
        if closing.held:
            notes.append(
                f"Of the closing balance, {self._usd(closing.held)} is set aside "
                "for clips under way."
            )
        if closing.debt:
            notes.append(
                f"The closing balance is less {self._usd(closing.debt)} that is owed to us."
            )
        if self.sheet.is_grouped:
            notes.append(
                "Movements of the same day, kind and model are added up here; "
                "the CSV file of this month has each of them."
            )
        self.paper.type(8, soft=True)
        for number, note in enumerate(notes):
            self.paper.set_y(y + number * 4.4)
            self.paper.put(MARGIN, WIDTH, note)

    def _start_table(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._table_head()

    def _table_head(self) -> None:
        self.paper.type(7.5, soft=True)
        for column in self.columns:
            self._cell(column, column.title)
        self.paper.rule(self.paper.y + 2, strong=True)
        self.paper.set_y(self.paper.y + 2 + ROW * 0.72)

    def _row_room(self, height: float) -> None:
        if not self.paper.has_room_for(height):
            self.paper.add_page()

    def _row_end(self, height: float) -> None:
        self.paper.rule(self.paper.y + height - ROW * 0.72)
        self.paper.set_y(self.paper.y + height)

    def _amounts(self, came: int, went: int, *, bold: bool = False) -> None:
        self.paper.type(self.size, bold=bold)
        self._cell(CAME, self._usd(came) if came else "")
        self._cell(WENT, self._usd(went) if went else "")

    def _balance(self, balance: int, *, bold: bool = False) -> None:
        self.paper.type(self.size, bold=bold)
        self._cell(BALANCE, self._usd(balance))

    def _size_of_amounts(self) -> float:
        """The same for all of them, so that huge ones stand among equals."""
        sheet = self.sheet
        balances = accumulate(
            (row.came - row.went for row in sheet.rows), initial=sheet.opening.credit
        )
        totals = (
            sum(total.came for total in sheet.totals),
            sum(total.went for total in sheet.totals),
        )
        widest = max(abs(amount) for amount in (*balances, *totals))
        self.paper.type(8, bold=True)
        return min(8.0, 8 * CAME.width / self.paper.width_of(self._usd(-widest)))

    def _cell(self, column: Column, text: str) -> None:
        if text:
            self.paper.put(MARGIN + column.x, column.width, text, right=column.right)

    def _usd(self, micros: int) -> str:
        whole, _, rest = money.usd(abs(micros)).partition(".")
        sign = "−" if micros < 0 else ""
        return f"{sign}{int(whole):,}.{rest.ljust(self.decimals, '0')}"


def _decimals(sheet: Sheet) -> int:
    """As many for every amount as the finest of them needs, so that the points stand in line."""
    amounts = {sheet.opening.credit, sheet.closing.credit, sheet.closing.held, sheet.closing.debt}
    amounts |= {amount for row in sheet.rows for amount in (row.came, row.went)}
    return max(len(money.usd(amount).partition(".")[2]) for amount in amounts)


def _all_of(totals: Sequence[Total]) -> Total:
    return Total(
        "All movements",
        sum(total.count for total in totals),
        sum(total.came for total in totals),
        sum(total.went for total in totals),
    )
