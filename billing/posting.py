"""
How one move of money is written: one SQL statement that changes the wallet and adds the transfer.

`ledger.py` is the door; nothing else calls this.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts import ids
from billing import money
from billing.models import MOVES, Account, Kind, Transfer, Wallet


class LedgerError(Exception):
    """Nothing was moved."""


class InsufficientFunds(LedgerError):
    """The wallet cannot cover it; `needed` and `available` are micro-dollars."""

    def __init__(self, *, needed: int, available: int, debt: int = 0) -> None:
        super().__init__(f"needs {money.usd(needed)}, has {money.usd(available)}")
        self.needed, self.available, self.debt = needed, available, debt


class NotHeld(LedgerError):
    """There is no hold for this reference, or not for so much."""


class UnableToMove(LedgerError):
    """The amount makes no sense, or the key was already used for another move."""


#: One statement, so that the wallet and its transfer cannot disagree. It does nothing when the
#: key was used before or the wallet cannot cover it; `_explain` then finds out which.
MOVE = """
WITH moved AS (
    UPDATE billing_wallet
       SET available = available + %(available)s, held = held + %(held)s,
           debt = debt + %(debt)s, moves = moves + 1
     WHERE workspace_id = %(wallet)s
       AND available + %(available)s >= 0 AND held + %(held)s >= 0 AND debt + %(debt)s >= 0
       AND (debt = 0 OR NOT %(spends)s)
       AND NOT EXISTS (SELECT 1 FROM billing_transfer WHERE key = %(key)s)
    RETURNING moves, available, held, debt)
INSERT INTO billing_transfer (id, wallet_id, position, kind, debit, credit, amount, key, reference,
                              description, actor, available_after, held_after, debt_after)
SELECT %(id)s, %(wallet)s, moves, %(kind)s, %(debit)s, %(credit)s, %(amount)s, %(key)s,
       %(reference)s, %(description)s, %(actor)s, available, held, debt
  FROM moved
RETURNING position, available_after, held_after, debt_after, created_at
"""


def move(
    wallet: Wallet,
    kind: Kind,
    amount: int,
    key: str,
    reference: str,
    description: str,
    actor: str = "",
    *,
    ends: tuple[Account, Account] | None = None,
    new: bool = False,
) -> Transfer:
    """
    Written once per key.

    :param new: nobody else can be using this key at this moment, so that there is no need to come
        back from a collision: whatever fails undoes the transaction.
    """
    if not isinstance(amount, int) or not 0 < amount <= money.MOST:
        raise UnableToMove(f"{amount!r} is no amount of micro-dollars that can be moved")
    debit, credit = ends or next((debit, credit) for one, debit, credit in MOVES if one == kind)
    transfer = Transfer(
        id=ids.uuid7(),
        wallet_id=wallet.pk,
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount,
        key=key,
        reference=reference,
        description=description[:200],
        actor=actor[:100],
    )
    try:
        with transaction.atomic(savepoint=not new):
            return _written(transfer) or _explain(transfer)
    except IntegrityError as error:
        if new:
            raise UnableToMove(_line(error)) from error
        return _explain(transfer, error)


def _written(transfer: Transfer) -> Transfer | None:
    """The transfer as the database made it, or None when nothing was moved."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, _parameters(transfer))
        row = cursor.fetchone()
    if row is None:
        return None
    (
        transfer.position,
        transfer.available_after,
        transfer.held_after,
        transfer.debt_after,
        transfer.created_at,
    ) = row
    transfer._state.adding = False
    return transfer


def _parameters(transfer: Transfer) -> dict[str, Any]:
    def change(account: Account) -> int:
        if transfer.credit == account:
            return transfer.amount
        return -transfer.amount if transfer.debit == account else 0

    # The others are what we owe the customer, debt is what the customer owes us.

    return {
        "id": transfer.id,
        "wallet": transfer.wallet_id,
        "available": change(Account.AVAILABLE),
        "held": change(Account.HELD),
        "debt": -change(Account.DEBT),
        "spends": transfer.kind == Kind.HOLD,
        "kind": transfer.kind,
        "debit": transfer.debit,
        "credit": transfer.credit,
        "amount": transfer.amount,
        "key": transfer.key,
        "reference": transfer.reference,
        "description": transfer.description,
        "actor": transfer.actor,
    }


def _explain(wanted: Transfer, error: IntegrityError | None = None) -> Transfer:
    """Why nothing was moved: it is done already, or it cannot be."""
    if done := Transfer.objects.filter(key=wanted.key).first():
        return _same(done, wanted)
    wallet = Wallet.objects.get(pk=wanted.wallet_id)
    if error is not None:
        raise UnableToMove(_line(error)) from error
    if wanted.debit == Account.HELD:
        raise NotHeld(f"{wanted.reference} has nothing held to {wanted.kind}")
    raise InsufficientFunds(needed=wanted.amount, available=wallet.available, debt=wallet.debt)


def _line(error: IntegrityError) -> str:
    return str(error).partition("\n")[0]


def _same(done: Transfer, wanted: Transfer) -> Transfer:
    ours = (wanted.wallet_id, wanted.kind, wanted.amount)
    if (done.wallet_id, done.kind, done.amount) == ours:
        return done
    if wanted.debit == Account.HELD:
        raise NotHeld(f"{wanted.reference} was settled before, by a {done.kind}")
    raise UnableToMove(f"{wanted.key} was used for a {done.kind} of {money.usd(done.amount)}")
