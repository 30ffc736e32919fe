"""Money that staff put into a wallet or take out of it: at once, or when a second person agrees."""

from __future__ import annotations

import uuid
from datetime import datetime

from accounts import ids, proposals
from accounts.models import Proposal, User
from accounts.proposals import NotPossible
from billing import ledger, money
from billing.models import Transfer, Wallet
from billing.payments import notices

DEPOSIT, ADJUST = "wallet.deposit", "wallet.adjust"


def deposit(
    *,
    wallet: Wallet,
    amount: int,
    key: str,
    reason: str,
    by: User,
    now: datetime,
    address: str | None = None,
) -> str:
    """
    Money that came in beside Stripe, once per key. Says what came of it.

    :raises NotPossible: while another deposit for this wallet waits for a second person.
    """
    return _act(DEPOSIT, wallet, amount, key, reason, by, now, address)


def adjust(
    *,
    wallet: Wallet,
    amount: int,
    key: str,
    reason: str,
    by: User,
    now: datetime,
    address: str | None = None,
) -> str:
    """
    A correction, once per key; a negative amount takes. Says what came of it.

    :raises NotPossible: there is not so much to take, or another one waits for a second person.
    """
    if amount < 0 and wallet.available < -amount:
        raise NotPossible(f"{_only(wallet.available)} Nothing was taken.")
    return _act(ADJUST, wallet, amount, key, reason, by, now, address)


def _act(
    name: str,
    wallet: Wallet,
    amount: int,
    key: str,
    reason: str,
    by: User,
    now: datetime,
    address: str | None,
) -> str:
    return proposals.act(
        name,
        by=by,
        subject=wallet.workspace.public_id,
        workspace=wallet.workspace,
        amount=amount,
        reason=reason,
        data={"key": key},
        now=now,
        address=address,
    )


def _deposited(wish: Proposal, by: User) -> str:
    _refuse_twice(wish, "deposit")
    try:
        moved = ledger.deposit(wallet=_wallet(wish), amount=wish.amount, **_said(wish))
    except ledger.LedgerError as why:
        raise NotPossible(f"Nothing was moved: {why}") from None
    notices.topped_up(moved)
    return f"Deposited {money.usd(wish.amount)} USD: {wish.reason}"


def _adjusted(wish: Proposal, by: User) -> str:
    _refuse_twice(wish, "adjust")
    try:
        ledger.adjust(wallet=_wallet(wish), amount=wish.amount, **_said(wish))
    except ledger.InsufficientFunds as short:
        raise NotPossible(f"{_only(short.available)} Nothing was taken.") from None
    except ledger.LedgerError as why:
        raise NotPossible(f"Nothing was moved: {why}") from None
    verb = "Gave" if wish.amount > 0 else "Took"
    return f"{verb} {money.usd(abs(wish.amount))} USD: {wish.reason}"


def _only(available: int) -> str:
    return f"Only {money.usd(available)} USD are available."


def _refuse_twice(wish: Proposal, what: str) -> None:
    """The ledger would do nothing; nobody is told of it a second time either."""
    if Transfer.objects.filter(key=f"{what}:staff:{wish.data['key']}").exists():
        raise NotPossible("It was done before. Nothing was moved.")


def _said(wish: Proposal) -> dict[str, str]:
    """What stands in the books of it."""
    actor, key = wish.proposed_by.email, f"staff:{wish.data['key']}"
    return {"key": key, "description": wish.reason, "actor": actor}


def _wallet(wish: Proposal) -> Wallet:
    id = ids.private("wks", wish.subject) or uuid.UUID(int=0)
    return Wallet.objects.select_related("workspace").get(pk=id)


proposals.register(DEPOSIT, run=_deposited, permission="billing.change_wallet")
proposals.register(ADJUST, run=_adjusted, permission="billing.change_wallet")
