"""
The only door to money.

A customer's credit is our liability, so money leaves the debit account and arrives at the credit
account. A hold moves available → held, a capture held → revenue, a release held → available, a
deposit stripe → available. A claw-back takes what is available; the rest is debt, which blocks
orders and is paid first by whatever comes in. Every move carries a key, so asking twice does it
once; `posting.py` writes it as one SQL statement.

Call these inside the transaction that changes the state which explains them, as its last
statement: the wallet's row stays locked from here to the commit.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts.models import Workspace
from billing import limits, money
from billing.models import Account, Kind, Transfer, Wallet
from billing.posting import InsufficientFunds, LedgerError, NotHeld, UnableToMove, move

__all__ = [
    "Balance",
    "InsufficientFunds",
    "LedgerError",
    "NotHeld",
    "UnableToMove",
    "adjust",
    "balance",
    "capture",
    "claw_back",
    "deposit",
    "grant",
    "history",
    "hold",
    "refund",
    "reinstate",
    "release",
    "transfers_of",
    "wallet_of",
]


@dataclass(frozen=True, slots=True)
class Balance:
    available: int
    held: int
    debt: int = 0


def deposit(
    *,
    wallet: Wallet,
    amount: int,
    key: str,
    reference: str = "",
    description: str = "Top-up",
    actor: str = "",
) -> Transfer:
    """Money that came in by card, once per key. Debt is paid out of it."""
    moved = move(wallet, Kind.DEPOSIT, amount, f"deposit:{key}", reference, description, actor)
    return _debt_paid(wallet, moved)


def grant(*, wallet: Wallet, amount: int, key: str, description: str, actor: str = "") -> Transfer:
    """Money given by the house, once per key. It pays no debt, which is to be paid with money."""
    return move(wallet, Kind.PROMOTION, amount, f"grant:{key}", "", description, actor)


def claw_back(
    *, wallet: Wallet, amount: int, key: str, reference: str, description: str
) -> list[Transfer]:
    """
    Take back what a refund or a dispute took from us, once per key: what is available, and the
    rest as debt. What is held stays held.

    :param key: Stripe's id of the refund or dispute.
    :param reference: the top-up that it reverses.
    :raises UnableToMove: if more would be taken back of that top-up than it brought.
    """
    return _both(
        wallet, amount, f"clawback:{key}", reference, description,
        first=(Account.AVAILABLE, Account.STRIPE), rest=(Account.DEBT, Account.STRIPE),
    )  # fmt: skip


def reinstate(
    *, wallet: Wallet, amount: int, key: str, reference: str, description: str
) -> list[Transfer]:
    """
    Give back what a claw-back took, once per key: a dispute was won, or a refund failed. Debt is
    cancelled first.

    :raises UnableToMove: if more would be given back than was taken.
    """
    return _both(
        wallet, amount, f"reinstate:{key}", reference, description,
        first=(Account.STRIPE, Account.DEBT), rest=(Account.STRIPE, Account.AVAILABLE),
    )  # fmt: skip


def wallet_of(workspace: Workspace) -> Wallet:
    """Its wallet by name: enough to move money, which asks the database for what is in it."""
    return Wallet(pk=workspace.pk)


def hold(
    *, wallet: Wallet, amount: int, reference: str, description: str = "", new: bool = False
) -> Transfer:
    """
    Set money aside for work not yet delivered, once per reference.

    :param new: the reference was made in this very transaction.
    :raises InsufficientFunds: if the wallet cannot cover it, or owes us.
    """
    return move(wallet, Kind.HOLD, amount, f"hold:{reference}", reference, description, new=new)


@transaction.atomic
def capture(*, wallet: Wallet, amount: int, reference: str, description: str = "") -> Transfer:
    """
    Take held money for work delivered, give back what remains of the hold, once per reference.

    :raises NotHeld: if less than that is held for it, or it was released before.
    """
    rest = _held_for(wallet, reference) - amount
    if rest < 0:
        raise NotHeld(f"{reference} holds {money.usd(rest + amount)}, not {money.usd(amount)}")
    key = f"settle:{reference}"
    limits.recount(reference=reference, amount=amount)
    taken = move(wallet, Kind.CAPTURE, amount, key, reference, description)
    if rest:
        why = "Quoted more than charged"
        _debt_paid(wallet, move(wallet, Kind.RELEASE, rest, f"{key}:rest", reference, why))
    return taken


@transaction.atomic
def release(*, wallet: Wallet, reference: str, description: str = "") -> Transfer:
    """
    Give a hold back whole, once per reference. Debt is paid out of it.

    :raises NotHeld: if there is no hold, or it was captured before.
    """
    amount = _held_for(wallet, reference)
    key = f"settle:{reference}"
    limits.recount(reference=reference, amount=0)
    return _debt_paid(wallet, move(wallet, Kind.RELEASE, amount, key, reference, description))


@transaction.atomic
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
    Give captured money back, once per reference and number. Debt is paid out of it.

    :raises UnableToMove: if that is more than was captured and not yet refunded.
    """
    key = f"refund:{reference}:{number}"
    limits.recount(reference=reference, amount=_kept(reference, amount, but=key))
    moved = move(wallet, Kind.REFUND, amount, key, reference, description, actor)
    return _debt_paid(wallet, moved)


def adjust(*, wallet: Wallet, amount: int, key: str, description: str, actor: str) -> Transfer:
    """
    A correction by staff; a negative amount takes.

    :raises InsufficientFunds: if it would take more than is available.
    """
    ends = (Account.AVAILABLE, Account.ADJUSTMENT)
    moved = move(
        wallet, Kind.ADJUSTMENT, abs(amount), f"adjust:{key}", "", description, actor,
        ends=ends if amount < 0 else ends[::-1],
    )  # fmt: skip
    return moved if amount < 0 else _debt_paid(wallet, moved)


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


def _debt_paid(wallet: Wallet, moved: Transfer) -> Transfer:
    """What came in pays what is owed, as far as it reaches."""
    if moved.debt_after:
        amount = min(moved.debt_after, moved.amount, moved.available_after)
        key, ends = f"repay:{moved.key}"[:200], (Account.AVAILABLE, Account.DEBT)
        move(wallet, Kind.CLAWBACK, amount, key, moved.reference, "Debt paid", ends=ends)
    return moved


def _both(
    wallet: Wallet,
    amount: int,
    key: str,
    reference: str,
    description: str,
    *,
    first: tuple[Account, Account],
    rest: tuple[Account, Account],
) -> list[Transfer]:
    """As much as there is one way, the rest the other way, once per key for both of them."""
    if amount <= 0:
        raise UnableToMove(f"{amount!r} is no amount of micro-dollars that can be moved")
    with transaction.atomic():
        row = Wallet.objects.select_for_update().get(pk=wallet.pk)
        keys = {first: key, rest: f"{key}:rest"}
        if done := list(Transfer.objects.filter(key__in=keys.values()).order_by("position")):
            return done
        there = row.available if first[0] == Account.AVAILABLE else row.debt
        amounts = {first: min(there, amount), rest: amount - min(there, amount)}
        return [
            move(wallet, Kind.CLAWBACK, part, keys[ends], reference, description, ends=ends)
            for ends, part in amounts.items()
            if part
        ]


def _held_for(wallet: Wallet, reference: str) -> int:
    amounts = Transfer.objects.filter(wallet_id=wallet.pk, key=f"hold:{reference}")
    amount = amounts.values_list("amount", flat=True).first()
    if amount is None:
        raise NotHeld(f"nothing is held for {reference}")
    return amount


def _kept(reference: str, amount: int, *, but: str) -> int:
    """What is left of a capture after this refund and those before it."""
    kinds = {Kind.CAPTURE: 1, Kind.REFUND: -1}
    moves = Transfer.objects.filter(reference=reference, kind__in=kinds).exclude(key=but)
    return max(0, sum(kinds[Kind(one.kind)] * one.amount for one in moves) - amount)
