"""What we tell of the money that comes in: people by letter, their programs by event."""

from __future__ import annotations

from collections.abc import Sequence

from accounts import events, letters, topics
from billing import ledger, money
from billing.models import Payer, TopUp, Transfer, reference


def topped_up(moved: Transfer) -> None:
    """Money has come in. Right after its deposit, which names it and says what is there now."""
    events.tell(
        workspace_id=moved.wallet_id,
        type="wallet.topped_up",
        subject=reference("deposit", moved.id),
    )
    workspace = moved.wallet.workspace
    letters.write(
        to=letters.payers_of(workspace),
        template="topped_up",
        key=f"topped-up:{moved.pk.hex}",
        context={
            "workspace": workspace.name,
            "amount": money.usd(moved.amount),
            "what": moved.description,
            "available": money.usd(ledger.balance(moved.wallet).available),
        },
    )


def reversed_(top_up: TopUp, moved: Sequence[Transfer], *, why: str, is_back: bool) -> None:
    """A payment was taken back, or what was taken has come back; in the transaction of it."""
    if not moved:
        return
    balance = ledger.balance(moved[-1].wallet)
    letters.write(
        to=letters.payers_of(top_up.workspace),
        template="payment_reversed",
        key=f"reversed:{moved[-1].pk.hex}",
        context={
            "workspace": top_up.workspace.name,
            "amount": money.usd(sum(one.amount for one in moved)),
            "why": why,
            "is_back": is_back,
            "available": money.usd(balance.available),
            "owed": money.usd(balance.debt) if balance.debt else "",
        },
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
    "money_in",
    title="Money arrived in the wallet",
    words="after every top-up, with what there is now",
    templates=["topped_up"],
)
topics.register(
    "reversals",
    title="A payment was taken back",
    words="when a bank or a refund takes a top-up out of the wallet, and when it comes back",
    templates=["payment_reversed"],
)
topics.register(
    "automatic_top_up",
    title="An automatic top-up failed",
    words="when the saved card was declined",
    templates=["auto_top_up_failed"],
)
