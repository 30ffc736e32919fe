from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import audit
from billing.models import Transfer, Wallet


class Command(BaseCommand):
    help = "Recompute the books. Exits 0 when they are right, and names every fault otherwise."

    def handle(self, *args: Any, **options: Any) -> None:
        if faults := audit.faults():
            raise CommandError("\n".join([f"{len(faults)} faults in the books:", *faults]))
        self.stdout.write(
            f"The books are right: {Wallet.objects.count()} wallets, "
            f"{Transfer.objects.count()} transfers."
        )
