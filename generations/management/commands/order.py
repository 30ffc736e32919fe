import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts import people
from accounts.models import User
from billing import ledger, money
from generations import connect, orders, refusals
from generations.models import Generation
from generations.spec import ClipSpec, InvalidSpec, checked


class Command(BaseCommand):
    help = "Order a clip for a person's workspace and follow it to its end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prompt")
        parser.add_argument("--email", required=True, help="whose workspace pays")
        parser.add_argument("--model", default="hailuo-2.3")
        parser.add_argument("--resolution", default="768P")
        parser.add_argument("--duration", type=int, default=6)

    def handle(self, *args: Any, **options: Any) -> None:
        generation = _placed(options)
        self.stdout.write(f"{generation.public_id} ordered for {money.usd(generation.quoted)} USD")
        said = ""
        while not generation.is_final:
            if generation.stage != said:
                said = generation.stage
                self.stdout.write(said)
            connection.close()
            time.sleep(0.5)
            generation.refresh_from_db()
        self.stdout.write(f"{generation.status} {generation.error_message}".strip())


def _placed(options: dict[str, Any]) -> Generation:
    person = User.objects.filter(email__iexact=options["email"]).first()
    place = people.membership_of(person) if person else None
    if place is None:
        raise CommandError(f"Nobody with a workspace is known as {options['email']}.")
    names = ["prompt", "model", "resolution", "duration"]
    try:
        spec = checked(
            ClipSpec(**{name: options[name] for name in names}), providers=connect.names()
        )
        customer = orders.Customer(workspace=place.workspace, user=person)
        return orders.place(customer=customer, spec=spec, now=timezone.now())[0]
    except (InvalidSpec, refusals.OrderError, ledger.LedgerError) as error:
        raise CommandError(str(error)) from None
