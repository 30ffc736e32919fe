"""Acts that need two members of staff: one proposes, another approves or refuses, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Proposal, ProposalState, User, Workspace

#: How long somebody has to approve.
OPEN_FOR = timedelta(days=3)


class NotPossible(Exception):
    """Nothing was changed; says why."""


#: What is done on approval: gets the proposal and who approved, says what came of it.
Run = Callable[[Proposal, User], str]


@dataclass(frozen=True, slots=True)
class _Act:
    run: Run
    permission: str


_acts: dict[str, _Act] = {}


def register(act: str, *, run: Run, permission: str) -> None:
    """What `act` does once it is approved, and what it takes to approve it."""
    _acts[act] = _Act(run, permission)


def needs_two(amount: int) -> bool:
    """Is it more than one member of staff may move alone?"""
    return amount > settings.STAFF_ALONE_LIMIT


def permission(act: str) -> str:
    return _acts[act].permission


@transaction.atomic
def propose(
    *,
    by: User,
    act: str,
    subject: str,
    amount: int,
    reason: str,
    now: datetime,
    workspace: Workspace | None = None,
    data: dict[str, Any] | None = None,
    address: str | None = None,
) -> Proposal:
    """Write it down for somebody else. Raises NotPossible while the same one is open."""
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                act=act,
                subject=subject,
                amount=amount,
                reason=reason,
                proposed_by=by,
                until=now + OPEN_FOR,
                workspace=workspace,
                data=data or {},
            )
    except IntegrityError:
        raise NotPossible("The same is proposed already and waits for a second person.") from None
    _record(made, by, "proposed", address)
    return made


@transaction.atomic
def approve(*, proposal: Proposal, by: User, now: datetime, address: str | None = None) -> str:
    """
    Do it. Whoever is first decides; the others are told.

    :raises NotPossible: also where the act itself is not possible any more; it stays open then.
    """
    if proposal.proposed_by_id == by.pk:
        raise NotPossible("You proposed it: somebody else has to approve.")
    if proposal.until < now:
        raise NotPossible("It was open for three days, and is too old now. Refuse it.")
    _decide(proposal, by, ProposalState.APPROVED, now)
    outcome = _acts[proposal.act].run(proposal, by)
    Proposal.objects.filter(pk=proposal.pk).update(outcome=outcome[:500])
    _record(proposal, by, "approved", address)
    return outcome


@transaction.atomic
def refuse(*, proposal: Proposal, by: User, now: datetime, address: str | None = None) -> str:
    """Nothing happens. Whoever proposed it may take it back like this, too."""
    _decide(proposal, by, ProposalState.REFUSED, now)
    _record(proposal, by, "refused", address)
    return "Refused."


def _decide(proposal: Proposal, by: User, state: ProposalState, now: datetime) -> None:
    rows = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.OPEN)
    if not rows.update(state=state, decided_by=by, decided_at=now):
        raise NotPossible("Somebody else has decided it meanwhile.")


def _record(proposal: Proposal, by: User, what: str, address: str | None) -> None:
    audit.record(
        by=audit.Actor(by.email, address),
        action=f"{proposal.act}.{what}",
        subject=proposal.subject,
        workspace=proposal.workspace,
        reason=proposal.reason,
        amount=proposal.amount,
        proposal=proposal.pk.hex,
    )
