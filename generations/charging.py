"""The money of one generation, through the ledger. What is on the house moves none."""

from __future__ import annotations

from billing import ledger
from generations.models import Generation


def capture(generation: Generation, *, amount: int, description: str) -> None:
    if not generation.gratis:
        ledger.capture(
            wallet=generation.workspace.wallet,
            amount=amount,
            reference=generation.reference,
            description=description,
        )


def release(generation: Generation, *, description: str) -> None:
    if not generation.gratis:
        ledger.release(
            wallet=generation.workspace.wallet,
            reference=generation.reference,
            description=description,
        )


def refund(generation: Generation, *, amount: int, description: str, actor: str) -> None:
    """Numbered after those before it."""
    moved = ledger.transfers_of(generation.reference)
    ledger.refund(
        wallet=generation.workspace.wallet,
        amount=amount,
        reference=generation.reference,
        number=1 + sum(one.kind == "refund" for one in moved),
        description=description,
        actor=actor,
    )
