"""A provider's bill as it was downloaded from them: CSV whose columns each names differently."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing import money
from billing.pricing import sheets
from billing.pricing.sheets import Fault, Line, UnreadableError

#: Names of columns without spaces and signs, the surest first.
JOB = [
    "jobid", "taskid", "taskuuid", "predictionid", "requestid", "generationid", "referenceid",
    "reference", "job", "task", "id", "uuid",
]  # fmt: skip
AMOUNT = [
    "amountusd", "costusd", "totalusd", "priceusd", "chargeusd", "amount", "cost", "charge",
    "charged", "total", "price", "usd",
]  # fmt: skip
DAY = ["date", "day", "createdat", "time", "timestamp", "created", "completedat"]
#: A line that begins so sums up others.
SUMS = {"total", "subtotal", "sum", "grandtotal"}

MOST_BYTES = 10 << 20
MOST_LINES = 100_000
AMOUNT_SHAPE = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,24})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the bill: their name of the job in lower case, micro-dollars, their date."""

    line: int
    job: str
    amount: int
    day: str


@dataclass(slots=True)
class Bill:
    charges: list[Charge] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Columns:
    job: str
    amount: str
    day: str


def read(content: bytes) -> Bill:
    """Its charges; lines that sum up others are left out. What cannot be read is a fault."""
    bill = Bill()
    try:
        header, lines = sheets.read(content, most_lines=MOST_LINES)
        columns = _columns(header)
        for line in lines:
            _read_line(line, columns, bill)
    except UnreadableError as error:
        bill.faults.append(error.fault)
    return bill


def _columns(header: Sequence[str]) -> _Columns:
    job, amount = _column(header, JOB), _column(header, AMOUNT)
    if not job or not amount:
        what = "job (such as job_id or task_id)" if not job else "amount (such as amount or cost)"
        raise UnreadableError(f"No column names the {what}.", line=1)
    return _Columns(job, amount, _column(header, DAY))


def _column(header: Sequence[str], names: Sequence[str]) -> str:
    plain = {re.sub(r"[^a-z0-9]", "", name): name for name in header}
    return next((plain[name] for name in names if name in plain), "")


def _read_line(line: Line, columns: _Columns, bill: Bill) -> None:
    job = line.cells[columns.job].strip().lower()
    if re.sub(r"[^a-z0-9]", "", job or next(iter(line.cells.values())).lower()) in SUMS:
        return
    try:
        amount = _amount(line.cells[columns.amount])
    except ValueError as error:
        bill.faults.append(Fault(line.number, columns.amount, str(error)))
    else:
        day = line.cells[columns.day] if columns.day else ""
        bill.charges.append(Charge(line.number, job, amount, day))


def _amount(text: str) -> int:
    """To the nearest micro-dollar; with or without a sign for dollars, or a decimal comma."""
    plain = re.sub(r"[$\s]|USD", "", text, flags=re.IGNORECASE)
    if "," in plain:
        is_decimal = "." not in plain and not re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+", plain)
        plain = plain.replace(",", "." if is_decimal else "")
    if not AMOUNT_SHAPE.fullmatch(plain):
        raise ValueError(f"“{text[:40]}” is no amount in USD.")
    return money.from_decimal(Decimal(plain))
