"""A file of prices as rows, or as faults that name line and column. Nothing is entered here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from billing import money
from billing.pricing import sheets
from billing.pricing.known import SKU_COLUMNS, Known
from billing.pricing.sheets import Fault, Line, UnreadableError

REQUIRED = ["provider", *SKU_COLUMNS, "cost"]
OPTIONAL = ["markup", "fixed_price", "sold", "valid_from", "note"]
#: An export tells these; they follow from the others and are not entered.
TOLD = ["price", "in_force_since", "version"]

#: What was read goes through the preview's form, which the site lets have 1 MB.
MOST_BYTES = 500 << 10
MOST_LINES = 2_000
MOST_NOTE = 200

MARKUP = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?", re.ASCII)
YES, NO = {"", "yes", "true", "1", "y"}, {"no", "false", "0", "n"}


@dataclass(frozen=True, slots=True)
class Row:
    """
    One wished price; amounts in micro-dollars. None is "as it was before".

    `fixed_price` is as before if `keeps_fixed_price`, else None is none. Without `valid_from` it is
    for now. Line 0 is a form.
    """

    line: int
    provider: str
    sku: str
    cost: int | None
    markup: Decimal | None = None
    fixed_price: int | None = None
    keeps_fixed_price: bool = True
    sold: bool = True
    valid_from: datetime | None = None
    note: str = ""
    told_price: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.sku


@dataclass(slots=True)
class Reading:
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(content: bytes, *, known: Known, now: datetime) -> Reading:
    """Every line as a row or as its faults; a file that is none has one fault."""
    reading = Reading()
    try:
        header, lines = sheets.read(content, most_lines=MOST_LINES)
        _check_columns(header)
        for line in lines:
            _read_line(line, reading, known, now)
    except UnreadableError as error:
        reading.faults.append(error.fault)
    reading.faults += _twice(reading.rows)
    return reading


def _check_columns(header: list[str]) -> None:
    if not set(header) & set(REQUIRED):
        raise UnreadableError(
            f"There is no header; the first line must be {','.join(REQUIRED)}.", line=1
        )
    if missing := [name for name in REQUIRED if name not in header]:
        raise UnreadableError(f"The columns {', '.join(missing)} are missing.", line=1)
    for name in header:
        if name and name not in REQUIRED + OPTIONAL + TOLD:
            raise UnreadableError("This column is not known.", line=1, column=name)


def _read_line(line: Line, reading: Reading, known: Known, now: datetime) -> None:
    values, faults = _values(line)
    sku = "/".join(line.cells[name] for name in SKU_COLUMNS)
    wrong = known.faults(provider=line.cells["provider"], sku=sku)
    faults += [Fault(line.number, column, reason) for column, reason in wrong.items()]
    valid_from = values.get("valid_from")
    if valid_from and valid_from < now:
        past = "This moment is past; leave it empty for “now”."
        faults.append(Fault(line.number, "valid_from", past))
    if values.get("cost") is None and values.get("sold", True) and "cost" in values:
        faults.append(Fault(line.number, "cost", "A cost above zero is needed."))
    if faults:
        reading.faults += faults
    else:
        reading.rows.append(_row(line, sku, values))


def _values(line: Line) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults = []
    for column, parse in PARSERS.items():
        if column in line.cells:
            try:
                values[column] = parse(line.cells[column])
            except ValueError as error:
                faults.append(Fault(line.number, column, str(error)))
    return values, faults


def _row(line: Line, sku: str, values: dict[str, Any]) -> Row:
    # A markup that is written down means something only if no fixed price hides it.
    keeps = "fixed_price" not in values and values.get("markup") is None
    return Row(
        line=line.number,
        provider=line.cells["provider"],
        sku=sku,
        cost=values["cost"],
        markup=values.get("markup"),
        fixed_price=values.get("fixed_price"),
        keeps_fixed_price=keeps,
        sold=values.get("sold", True),
        valid_from=values.get("valid_from"),
        note=values.get("note", ""),
        told_price=values.get("price"),
    )


def _twice(rows: list[Row]) -> Iterator[Fault]:
    seen: dict[tuple[str, str, datetime | None], int] = {}
    for row in rows:
        first = seen.setdefault((*row.key, row.valid_from), row.line)
        if first != row.line:
            reason = f"{row.provider} {row.sku} stands on line {first} already."
            yield Fault(row.line, "provider", reason)


def amount(text: str) -> int | None:
    """USD above zero with at most six decimals as micro-dollars. Raises ValueError."""
    if not text:
        return None
    if re.fullmatch(r"[0-9]+\.[0-9]{7,}", text, re.ASCII):
        raise ValueError(f"“{text[:40]}” has more than six decimals; round it.")
    if text.startswith("-"):
        raise ValueError(f"“{text[:40]}” is negative.")
    try:
        micros = money.micros(text)
    except ValueError as error:
        raise ValueError(f"“{text[:40]}” is no amount. {error}") from None
    if not micros:
        raise ValueError("Zero is no price; write sold = no instead.")
    return micros


def markup(text: str) -> Decimal | None:
    """A factor above zero with at most three decimals. Raises ValueError."""
    if not text:
        return None
    if not MARKUP.fullmatch(text) or not Decimal(text):
        raise ValueError(f"“{text[:40]}” is no markup; write a factor such as 1.15.")
    return Decimal(text)


def _sold(text: str) -> bool:
    if text.lower() not in YES | NO:
        raise ValueError(f"“{text[:40]}” is neither yes nor no.")
    return text.lower() in YES


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"“{text[:40]}” is no time; write it like 2027-01-31T00:00Z.") from None


def _note(text: str) -> str:
    if len(text) > MOST_NOTE:
        raise ValueError(f"A note has {MOST_NOTE} characters at most.")
    return text


PARSERS: dict[str, Callable[[str], object]] = {
    "cost": amount,
    "markup": markup,
    "fixed_price": amount,
    "sold": _sold,
    "valid_from": _moment,
    "note": _note,
    "price": amount,
}
