"""Money, as the API shows it: decimal strings in USD."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts import rates
from accounts.models import APIKey
from accounts.moments import moment
from billing import money
from billing.ledger import Balance
from billing.models import TopUp, TopUpState, Transfer, Window


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


def top_up(one: TopUp, *, url: str = "") -> dict[str, Any]:
    """`url` is where it is paid, for a page that was made just now."""
    return {
        "id": one.public_id,
        "object": "top_up",
        "status": one.state,
        "amount": money.usd(one.amount),
        "currency": "USD",
        "automatic": one.automatic,
        "url": (url or one.page_url or None) if one.state == TopUpState.OPEN else None,
        "receipt_url": one.receipt_url or None,
        "error": one.failure or None,
        "created_at": moment(one.created_at),
    }


def api_key(key: APIKey, spend_limits: Mapping[str, int], *, now: datetime) -> dict[str, Any]:
    """A key, without its text."""
    most = {window: spend_limits.get(window) for window in Window.values}
    return {
        "id": key.public_id,
        "object": "api_key",
        "name": key.name,
        "status": key.state(now),
        "ending": key.ending,
        "scopes": key.scopes,
        "allowed_addresses": key.allowed_addresses,
        "spend_limits": {
            window: None if micros is None else money.usd(micros) for window, micros in most.items()
        },
        "rate_limits": rates.allowed(key),
        "made_by": _maker(key),
        "created_at": moment(key.created_at),
        "expires_at": moment(key.expires_at),
        "previous_until": moment(key.previous_until),
        "last_used_at": moment(key.last_used_at),
        "last_used_from": getattr(key, "last_used_from", None),
        "revoked_at": moment(key.revoked_at),
    }


def _maker(key: APIKey) -> str | None:
    """The key it was made by, or the person, as long as they are a member."""
    if key.lineage:
        return key.ancestors[0]
    return key.maker.user.public_id if key.maker else None


def _generation(reference: str) -> str | None:
    """The public id in a reference such as `generation:<32 hex digits>`."""
    kind, _, digits = reference.partition(":")
    return f"gen_{digits}" if kind == "generation" else None
