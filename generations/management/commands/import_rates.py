import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing import money, rates
from generations import catalog

COLUMNS = ["provider", "model", "mode", "resolution", "duration", "cost"]


class Command(BaseCommand):
    help = f"Enter prices from a CSV file with the columns {','.join(COLUMNS)} (cost in USD)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        rows = _rows(options["file"])
        new = rates.enter(rows, at=timezone.now(), note=f"imported from {options['file'].name}")
        self.stdout.write(f"{len(rows)} prices read, {new} of them new.")


def _rows(path: Path) -> list[tuple[str, str, int]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := set(COLUMNS) - set(reader.fieldnames or []):
                raise CommandError(f"{path} lacks the columns {', '.join(sorted(missing))}.")
            return [_row(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None


def _row(line: int, row: dict[str, str]) -> tuple[str, str, int]:
    values = {name: (row[name] or "").strip() for name in COLUMNS}
    sku = "/".join(values[name] for name in ["model", "mode", "resolution", "duration"])
    if sku not in catalog.skus():
        raise CommandError(f"Line {line}: nobody can make {sku}.")
    try:
        cost = money.micros(values["cost"])
    except ValueError as error:
        raise CommandError(f"Line {line}: {error}") from None
    if not cost or not values["provider"]:
        raise CommandError(f"Line {line}: a provider and a cost above zero are needed.")
    return values["provider"], sku, cost
