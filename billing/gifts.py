"""Money that staff put into a wallet: at once, or when a second person agrees."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accounts import audit, ids, proposals
from accounts.models import Proposal, User
from billing import ledger, money
from billing.models import Wallet
from billing.payments import notices

ACT = "wallet.deposit"


@transaction.atomic
def deposit(*, wallet: Wallet, amount: int, key: str, reason: str, by: User, now: datetime) -> str:
    """
    Once per key. Says what came of it.

    :raises proposals.NotPossible: while another deposit for this wallet waits for a second person.
    """
    if not proposals.needs_two(amount):
        return _deposited(wallet, amount, key, reason, by)
    proposals.propose(
        by=by,
        act=ACT,
        subject=wallet.workspace.public_id,
        workspace=wallet.workspace,
        amount=amount,
        reason=reason,
        data={"key": key},
        now=now,
    )
    return f"Proposed {money.usd(amount)} USD. It waits for a second member of staff."


def _deposited(wallet: Wallet, amount: int, key: str, reason: str, by: User) -> str:
    moved = ledger.deposit(
        wallet=wallet, amount=amount, key=f"staff:{key}", description=reason, actor=by.email
    )
    notices.topped_up(moved)
    said = f"Deposited {money.usd(amount)} USD: {reason}"
    audit.record(
        by=audit.Actor(by.email),
        action=ACT,
        subject=wallet.workspace.public_id,
        workspace=wallet.workspace,
        reason=reason,
        amount=amount,
    )
    return said


def _approved(proposal: Proposal, by: User) -> str:
    id = ids.private("wks", proposal.subject) or uuid.UUID(int=0)
    wallet = Wallet.objects.select_related("workspace").get(pk=id)
    key, reason = proposal.data["key"], proposal.reason
    return _deposited(wallet, proposal.amount, key, reason, proposal.proposed_by)


proposals.register(ACT, run=_approved, permission="billing.change_wallet")
