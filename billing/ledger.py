"""
The only door to money.

A customer's credit is our liability, so money leaves the debit account and arrives at the credit
account. A hold moves available → held, a capture held → revenue, a release held → available, a
deposit stripe → available. Every move carries a key, so asking twice does it once, and is one SQL
statement that changes the wallet and writes the transfer, so the two can never disagree.

Call these inside the transaction that changes the state which explains them, as its last
statement: the wallet's row stays locked from here to the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts import ids
from accounts.models import Workspace
from billing import money
from billing.models import MOVES, Account, Kind, Transfer, Wallet

__all__ = [
    "Balance",
    "InsufficientFunds",
    "LedgerError",
    "NotHeld",
    "UnableToMove",
    "adjust",
    "balance",
    "capture",
    "deposit",
    "grant",
    "history",
    "hold",
    "refund",
    "release",
    "transfers_of",
]


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


@dataclass(frozen=True, slots=True)
class Balance:
    available: int
    held: int
    debt: int = 0


def deposit(
    *, wallet: Wallet, amount: int, key: str, description: str = "Top-up", actor: str = ""
) -> Transfer:
    """Money that came in by card, once per key."""
    return _move(wallet, Kind.DEPOSIT, amount, f"deposit:{key}", "", description, actor)


def grant(*, wallet: Wallet, amount: int, key: str, description: str, actor: str = "") -> Transfer:
    """Money given by the house, once per key."""
    return _move(wallet, Kind.PROMOTION, amount, f"grant:{key}", "", description, actor)


def hold(*, wallet: Wallet, amount: int, reference: str, description: str = "") -> Transfer:
    """
    Set money aside for work not yet delivered, once per reference.

    :raises InsufficientFunds: if the wallet cannot cover it, or owes us.
    """
    return _move(wallet, Kind.HOLD, amount, f"hold:{reference}", reference, description)


def capture(*, wallet: Wallet, amount: int, reference: str, description: str = "") -> Transfer:
    """
    Take held money for work delivered, give back what remains of the hold, once per reference.

    :raises NotHeld: if less than that is held for it, or it was released before.
    """
    rest = _held_for(wallet, reference) - amount
    if rest < 0:
        raise NotHeld(f"{reference} holds {money.usd(rest + amount)}, not {money.usd(amount)}")
    key = f"settle:{reference}"
    taken = _move(wallet, Kind.CAPTURE, amount, key, reference, description)
    if rest:
        _move(wallet, Kind.RELEASE, rest, f"{key}:rest", reference, "Quoted more than charged")
    return taken


def release(*, wallet: Wallet, reference: str, description: str = "") -> Transfer:
    """
    Give a hold back whole, once per reference.

    :raises NotHeld: if there is no hold, or it was captured before.
    """
    amount = _held_for(wallet, reference)
    return _move(wallet, Kind.RELEASE, amount, f"settle:{reference}", reference, description)


def refund(
    *,
    wallet: Wallet,
    amount: int,
    reference: str,
    number: int,
    description: str = "",
    actor: str = "",
) -> Transfer:
    """
    Give captured money back, once per reference and number.

    :raises UnableToMove: if that is more than was captured and not yet refunded.
    """
    key = f"refund:{reference}:{number}"
    return _move(wallet, Kind.REFUND, amount, key, reference, description, actor)


def adjust(*, wallet: Wallet, amount: int, key: str, description: str, actor: str) -> Transfer:
    """
    A correction by staff; a negative amount takes.

    :raises InsufficientFunds: if it would take more than is available.
    """
    taking = amount < 0
    return _move(
        wallet, Kind.ADJUSTMENT, abs(amount), f"adjust:{key}", "", description, actor, taking=taking
    )


def balance(wallet: Wallet) -> Balance:
    """What the wallet holds now, read afresh."""
    row = Wallet.objects.filter(pk=wallet.pk).values_list("available", "held", "debt").get()
    return Balance(*row)


def history(*, workspace: Workspace, before: int | None = None, limit: int = 50) -> list[Transfer]:
    """The newest transfers first; `before` is the position to go on from."""
    rows = Transfer.objects.for_workspace(workspace).order_by("-position")
    if before is not None:
        rows = rows.filter(position__lt=before)
    return list(rows[:limit])


def transfers_of(reference: str) -> list[Transfer]:
    """Every movement of one thing, in order."""
    return list(Transfer.objects.filter(reference=reference).order_by("position"))


#: One statement, so that the wallet and its transfer cannot disagree. It does nothing when the
#: key was used before or the wallet cannot cover it; `_explain` then finds out which.
MOVE = """
WITH moved AS (
    UPDATE billing_wallet
       SET available = available + %(available)s, held = held + %(held)s, moves = moves + 1
     WHERE workspace_id = %(wallet)s
       AND available + %(available)s >= 0 AND held + %(held)s >= 0
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


def _move(
    wallet: Wallet,
    kind: Kind,
    amount: int,
    key: str,
    reference: str,
    description: str,
    actor: str = "",
    *,
    taking: bool = False,
) -> Transfer:
    if not isinstance(amount, int) or not 0 < amount <= money.MOST:
        raise UnableToMove(f"{amount!r} is no amount of micro-dollars that can be moved")
    debit, credit = _ends(kind, taking)
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
        with transaction.atomic():
            return _written(transfer) or _explain(transfer)
    except IntegrityError as error:
        return _explain(transfer, error)


def _ends(kind: Kind, taking: bool) -> tuple[Account, Account]:
    moves = [(debit, credit) for known, debit, credit in MOVES if known == kind]
    return moves[-1] if taking else moves[0]


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

    return {
        "id": transfer.id,
        "wallet": transfer.wallet_id,
        "available": change(Account.AVAILABLE),
        "held": change(Account.HELD),
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
        raise UnableToMove(str(error).partition("\n")[0]) from error
    if wanted.debit == Account.HELD:
        raise NotHeld(f"{wanted.reference} has nothing held to {wanted.kind}")
    raise InsufficientFunds(needed=wanted.amount, available=wallet.available, debt=wallet.debt)


def _same(done: Transfer, wanted: Transfer) -> Transfer:
    ours = (wanted.wallet_id, wanted.kind, wanted.amount)
    if (done.wallet_id, done.kind, done.amount) == ours:
        return done
    if wanted.debit == Account.HELD:
        raise NotHeld(f"{wanted.reference} was settled before, by a {done.kind}")
    raise UnableToMove(f"{wanted.key} was used for a {done.kind} of {money.usd(done.amount)}")


def _held_for(wallet: Wallet, reference: str) -> int:
    amounts = Transfer.objects.filter(wallet_id=wallet.pk, key=f"hold:{reference}")
    amount = amounts.values_list("amount", flat=True).first()
    if amount is None:
        raise NotHeld(f"nothing is held for {reference}")
    return amount
