from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.audit import Actor
from accounts.models import User
from accounts.privacy import exports


class Command(BaseCommand):
    help = "Write a copy of what is known about a person into a ZIP."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--into", type=Path, help="the file; by default <id>.zip here")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError("There is nobody with this address.")
        path = options["into"] or Path(f"{user.public_id}.zip")
        with path.open("xb") as file:
            exports.write(user, file)
        by = Actor("staff")
        audit.record(workspace=None, by=by, action="export.made", subject=user.public_id)
        self.stdout.write(str(path))
