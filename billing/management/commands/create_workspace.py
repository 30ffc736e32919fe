import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts import ids, keys, people
from accounts.models import User, Workspace
from billing import ledger, money


class Command(BaseCommand):
    help = "Open a workspace with its owner, an API key and a first deposit. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--deposit", default="0", help="USD, such as 25.00")

    def handle(self, *args: Any, **options: Any) -> None:
        email, amount = _email(options["email"]), _amount(options["deposit"])
        with transaction.atomic():
            owner = User.objects.filter(email__iexact=email).first()
            owner = owner or User.objects.create_user(email)
            workspace = people.open_workspace(owner=owner, name=options["name"][:100])
            key = keys.create(maker=workspace.memberships.get(), name="Made with the workspace")
            _deposit(workspace, amount)
        self.stdout.write(
            json.dumps(
                {
                    "workspace_id": workspace.public_id,
                    "user_id": owner.public_id,
                    "api_key": key.text,
                }
            )
        )


def _deposit(workspace: Workspace, amount: int) -> None:
    if amount:
        ledger.deposit(
            wallet=workspace.wallet,
            amount=amount,
            key=f"staff:{ids.uuid7().hex}",
            description="Deposit by staff",
            actor="create_workspace",
        )


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise CommandError(f"--email: {error.message}") from None
    return text


def _amount(text: str) -> int:
    try:
        return money.micros(text)
    except ValueError as error:
        raise CommandError(f"--deposit: {error}") from None
