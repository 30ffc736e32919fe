"""Automatic top-ups that failed: counted, told, and after some in a row switched off."""

from __future__ import annotations

from billing.models import Payer, TopUp
from billing.payments import notices, payers

MOST_IN_A_ROW = 3


def payer_of(top_up: TopUp) -> Payer | None:
    """
    Who pays by itself, locked; None where somebody asked for the top-up.

    Before the top-up itself is locked: one is begun in that order, too.
    """
    if not top_up.automatic:
        return None
    rows = Payer.objects.select_related("workspace").select_for_update(of=("self",))
    return rows.filter(pk=top_up.workspace_id).first()


def count(payer: Payer, top_up: TopUp, why: str, *, reason: str) -> None:
    """One more, and whoever cares is told; in the transaction that ends the top-up."""
    payer.failures += 1
    payer.save(update_fields=["failures"])
    is_off = payer.failures >= MOST_IN_A_ROW
    if is_off:
        payers.switch_off(payer, f"Declined {payer.failures} times: {why}"[:200])
    notices.automatic_failed(payer, top_up, why, reason=reason, is_off=is_off)


def forget(payer: Payer) -> None:
    """Only declines in a row count."""
    Payer.objects.filter(pk=payer.pk).update(failures=0, stopped="")
