"""What we tell the people who care for a workspace's money."""

from __future__ import annotations

from accounts import letters
from billing import money
from billing.models import Payer, TopUp


def automatic_failed(payer: Payer, top_up: TopUp, why: str, *, is_off: bool) -> None:
    """The saved card was declined; after some of those it is not tried again."""
    letters.write(
        to=letters.payers_of(payer.workspace),
        template="auto_top_up_failed",
        key=f"auto-top-up:{top_up.pk.hex}",
        context={
            "workspace": payer.workspace.name,
            "amount": money.usd(top_up.amount),
            "card": f"{payer.card_brand} •••• {payer.card_last4}",
            "why": why,
            "is_off": is_off,
        },
    )
