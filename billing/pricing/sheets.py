"""CSV as spreadsheets write and read it: into lines with their faults, and out without formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from billing.formulas import is_formula

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where. Line 0 is the file as a whole."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        line = f"Line {self.line}" if self.line else ""
        place = ", ".join(part for part in [line, self.column] if part)
        return f"{place}: {self.reason}" if place else self.reason


@dataclass(frozen=True, slots=True)
class Line:
    """A record under its header; `number` is where it begins in the file."""

    number: int
    cells: Mapping[str, str]


class UnreadableError(ValueError):
    """The file cannot be read at all, or not beyond this fault."""

    def __init__(self, reason: str, *, line: int = 0, column: str = "") -> None:
        self.fault = Fault(line, column, reason)
        super().__init__(str(self.fault))


def written(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A CSV file whose texts no spreadsheet takes for a formula; numbers stay numbers."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(header)
    writer.writerows([_defused(str(cell)) for cell in row] for row in rows)
    return sheet.getvalue()


def read(content: bytes, *, most_lines: int) -> tuple[list[str], Iterator[Line]]:
    """
    The header's names in lower case, and the lines below it, empty ones left out.

    Comma, semicolon or tab, whichever the header uses. Raises UnreadableError, also while the
    lines are read.
    """
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    records = _records(reader)
    _, header = next(records, (1, []))
    names = [name.strip().lower() for name in header]
    _check_header(names)
    return names, _lines(names, records, most_lines)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("The file is UTF-16; save it as “CSV UTF-8”.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableError("This is not UTF-8; save it as “CSV UTF-8”.", line=line) from None
    if found := CONTROL.search(text):
        line = text[: found.start()].count("\n") + 1
        raise UnreadableError("There is a control character; is it a CSV file?", line=line)
    return text


def _delimiter(text: str) -> str:
    header = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _records(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    begins = 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise UnreadableError(f"This is not CSV: {error}.", line=begins) from None
        if record is None:
            return
        if any(cell.strip() for cell in record):
            yield begins, record
        begins = reader.line_num + 1  # type: ignore[attr-defined]


def _check_header(names: list[str]) -> None:
    if not any(names):
        raise UnreadableError("The file is empty; its first line must name the columns.")
    for name in names:
        if name and names.count(name) > 1:
            raise UnreadableError("This column stands there twice.", line=1, column=name)


def _lines(
    names: list[str], records: Iterator[tuple[int, list[str]]], most_lines: int
) -> Iterator[Line]:
    for count, (number, record) in enumerate(records, 1):
        if count > most_lines:
            raise UnreadableError(f"The file has more than {most_lines} lines.")
        if any(record[len(names) :]):
            raise UnreadableError("There are more cells than columns.", line=number)
        cells = [_undefused(cell.strip()) for cell in record]
        cells += [""] * (len(names) - len(cells))
        yield Line(number, dict(zip(names, cells, strict=False)))


def _defused(text: str) -> str:
    return f"'{text}" if is_formula(text) and not NUMBER.fullmatch(text) else text


def _undefused(text: str) -> str:
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text
