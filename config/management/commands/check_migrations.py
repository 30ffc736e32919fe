import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.loader import MigrationLoader

from config import zero_downtime
from config.embedded import BASE_DIR

LIST = BASE_DIR / "config" / "migrations.toml"
RECORD = """
# The last migration of each app in the newest release.
[released]
{rows}

# What breaks the rule all the same, as "app.migration" = "why nothing is locked or broken by it".
[accepted]
"""


class Command(BaseCommand):
    help = "Refuse migrations that lock tables or break the version that runs beside them."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", type=Path, default=LIST, help="what it goes by")
        parser.add_argument(
            "--record", action="store_true", help="after a release: begin anew from here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loader, path = MigrationLoader(None), options["list"]
        if options["record"]:
            _record(path, zero_downtime.newest(loader))
            return
        known = tomllib.loads(path.read_text())
        found = [
            f"{fault.migration}: {fault.words}"
            for fault in zero_downtime.faults(loader, known["released"])
            if fault.migration not in known["accepted"]
        ]
        if found:
            hint = f"Mend it, or say in {path.name} why it does no harm. See docs/ops/upgrading.md."
            raise CommandError("\n".join([*found, hint]))
        self.stdout.write("The migrations suit the version that runs beside them.")


def _record(path: Path, newest: dict[str, str]) -> None:
    first_line = path.read_text().splitlines(keepends=True)[0]
    rows = "\n".join(f'{app} = "{name}"' for app, name in newest.items())
    path.write_text(first_line + RECORD.format(rows=rows))
