"""Money, as the API shows it: decimal strings in USD."""

from __future__ import annotations

from typing import Any

from accounts.api.present import moment
from billing import money
from billing.ledger import Balance
from billing.models import Transfer


def wallet(balance: Balance) -> dict[str, Any]:
    return {
        "object": "wallet",
        "available": money.usd(balance.available),
        "held": money.usd(balance.held),
        "debt": money.usd(balance.debt),
        "currency": "USD",
    }


def transaction(transfer: Transfer) -> dict[str, Any]:
    return {
        "id": transfer.public_id,
        "object": "transaction",
        "type": transfer.kind,
        "amount": money.usd(transfer.change),
        "available_after": money.usd(transfer.available_after),
        "held_after": money.usd(transfer.held_after),
        "currency": "USD",
        "generation": _generation(transfer.reference),
        "reference": transfer.reference,
        "description": transfer.description,
        "created_at": moment(transfer.created_at),
    }


def _generation(reference: str) -> str | None:
    """The public id in a reference such as `generation:<32 hex digits>`."""
    kind, _, digits = reference.partition(":")
    return f"gen_{digits}" if kind == "generation" else None
