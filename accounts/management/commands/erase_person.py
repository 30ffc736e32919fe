from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.audit import Actor
from accounts.models import User
from accounts.privacy import erasure


class Command(BaseCommand):
    help = "Forget a person now, for good. Says what stands in the way, and then changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--give-up-balance",
            action="store_true",
            help="what is left in their wallet goes to the house",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError("There is nobody with this address.")
        gives_up, by = options["give_up_balance"], Actor("staff")
        try:
            erasure.erase(user, gives_up=gives_up, by=by, now=timezone.now())
        except erasure.Refused as refused:
            raise CommandError("\n".join(one.words for one in refused.obstacles)) from None
        self.stdout.write(f"Forgotten: {user.public_id}.")
