"""
Acts that need two members of staff: one proposes, another approves or refuses, once.

An act registers what it does (`run`). Most are done in the transaction of the decision; one that
waits on the network is done after it, under a key of its own, so that doing it again is harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
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


#: What is done: gets the proposal and who decided, says what came of it, or raises NotPossible.
Run = Callable[[Proposal, User], str]
WAITS = "Proposed. It waits for a second member of staff."


@dataclass(frozen=True, slots=True)
class _Act:
    run: Run
    permission: str
    outside: bool


_acts: dict[str, _Act] = {}


def register(act: str, *, run: Run, permission: str, outside: bool = False) -> None:
    """
    What `act` does once it is approved, and what it takes to approve it.

    :param outside: it waits on the network, so it runs after the transaction of the decision.
    """
    _acts[act] = _Act(run, permission, outside)


def needs_two(amount: int) -> bool:
    """Is it more than one member of staff may move alone? Either way: given or taken."""
    return abs(amount) > settings.STAFF_ALONE_LIMIT


def permission(act: str) -> str:
    return _acts[act].permission


def act(name: str, *, by: User, amount: int, now: datetime, **wish: Any) -> str:
    """
    Do it at once where one person may, else propose it. Says what came of it.

    :param wish: as `propose` takes it.
    :raises NotPossible:
    """
    if needs_two(amount):
        propose(by=by, act=name, amount=amount, now=now, **wish)
        return WAITS
    address = wish.pop("address", None)
    alone = Proposal(act=name, proposed_by=by, amount=amount, until=now, **wish)
    with nullcontext() if _acts[name].outside else transaction.atomic():
        said = _acts[name].run(alone, by)
        _record(alone, by, "done", address)
    return said


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


def approve(*, proposal: Proposal, by: User, now: datetime, address: str | None = None) -> str:
    """
    Do it. Whoever is first decides; the others are told.

    One that was approved but not done, as its process ended in between, is done now.

    :raises NotPossible: also where the act itself is not possible any more; it stays open then.
    """
    if proposal.proposed_by_id == by.pk:
        raise NotPossible("You proposed it: somebody else has to approve.")
    if is_left_undone(proposal):
        return _done(proposal, by, address)
    if proposal.until < now:
        raise NotPossible("It was open for three days, and is too old now. Refuse it.")
    if not _acts[proposal.act].outside:
        with transaction.atomic():
            _decide(proposal, by, ProposalState.APPROVED, now)
            return _done(proposal, by, address)
    _decide(proposal, by, ProposalState.APPROVED, now)
    try:
        return _done(proposal, by, address)
    except NotPossible:
        _reopen(proposal)
        raise


def is_left_undone(proposal: Proposal) -> bool:
    return proposal.state == ProposalState.APPROVED and not proposal.outcome


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


def _done(proposal: Proposal, by: User, address: str | None) -> str:
    outcome = _acts[proposal.act].run(proposal, by)
    with transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(outcome=outcome[:500])
        _record(proposal, by, "approved", address)
    return outcome


def _reopen(proposal: Proposal) -> None:
    """Nothing was done. Where the same was proposed anew meanwhile, it is left as it is."""
    rows = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.APPROVED, outcome="")
    with suppress(IntegrityError), transaction.atomic():
        rows.update(state=ProposalState.OPEN, decided_by=None, decided_at=None)


def _record(proposal: Proposal, by: User, what: str, address: str | None) -> None:
    audit.record(
        by=audit.Actor(by.email, address),
        action=proposal.act if what == "done" else f"{proposal.act}.{what}",
        subject=proposal.subject,
        workspace=proposal.workspace,
        reason=proposal.reason,
        amount=proposal.amount,
        **({} if what == "done" else {"proposal": proposal.pk.hex}),
    )
