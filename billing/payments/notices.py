"""What we tell of the money that comes in: people by letter, their programs by event."""

from __future__ import annotations

from accounts import events, letters, topics
from billing import money
from billing.models import Payer, TopUp, Transfer, reference


def topped_up(moved: Transfer) -> None:
    """Money has come in. Right after its deposit, which names it and says what is there now."""
    events.tell(
        workspace_id=moved.wallet_id,
        type="wallet.topped_up",
        subject=reference("deposit", moved.id),
    )


def automatic_failed(payer: Payer, top_up: TopUp, why: str, *, reason: str, is_off: bool) -> None:
    """The saved card was declined; after some of those it is not tried again."""
    events.tell(
        workspace_id=payer.workspace_id,
        type="wallet.auto_top_up_failed",
        subject=top_up.reference,
        data={"error": why, "reason": reason or None, "switched_off": is_off},
    )
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


topics.register(
    "automatic_top_up",
    title="An automatic top-up failed",
    words="when the saved card was declined",
    templates=["auto_top_up_failed"],
)
