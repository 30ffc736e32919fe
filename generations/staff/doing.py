"""The door for staff: a reason, a permission, an entry in the audit, and a second person."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import audit, ids, proposals
from accounts.models import Proposal, User
from generations.models import Generation
from generations.staff.acts import ACTS, Act
from generations.staff.wishes import NotPossible, Wish


def do(verb: str, *, id: uuid.UUID, wish: Wish) -> str:
    """
    Do it, or propose it where it is above what one member of staff may do alone.

    :returns: what came of it.
    :raises PermissionDenied: they may not.
    :raises NotPossible: nothing was changed; it says why.
    """
    act, generation = ACTS[verb], Generation.objects.select_related("workspace").get(pk=id)
    if not wish.by.has_perm(act.permission):
        raise PermissionDenied(f"You may not do this: it takes {act.permission}.")
    if not wish.reason.strip():
        raise NotPossible("Say why: it is written down.")
    if why := act.obstacle(generation):
        raise NotPossible(why)
    amount = act.amount(generation, wish)
    if proposals.needs_two(amount):
        return _proposed(act, generation, wish, amount)
    return _done(act, generation, wish)


def _proposed(act: Act, generation: Generation, wish: Wish, amount: int) -> str:
    proposals.propose(
        by=wish.by,
        act=act.name,
        subject=generation.public_id,
        workspace=generation.workspace,
        amount=amount,
        reason=wish.reason[:500],
        data=wish.kept(),
        address=wish.address,
        now=timezone.now(),
    )
    return "Proposed. It waits for a second member of staff."


@transaction.atomic
def _done(act: Act, generation: Generation, wish: Wish) -> str:
    said = act.do(generation, wish)
    audit.record(
        by=audit.Actor(wish.by.email, wish.address),
        action=act.name,
        subject=generation.public_id,
        workspace=generation.workspace,
        **{"reason": wish.reason[:500], "outcome": said, **wish.kept()},
    )
    return said


def _approved(proposal: Proposal, by: User) -> str:
    """What a proposal does once somebody else agrees, if it is still possible."""
    act = ACTS[proposal.act.partition(".")[2]]
    rows = Generation.objects.select_related("workspace")
    generation = rows.get(pk=ids.private("gen", proposal.subject) or uuid.UUID(int=0))
    if why := act.obstacle(generation):
        raise NotPossible(why)
    wish = Wish(by=proposal.proposed_by, reason=proposal.reason, **proposal.data)
    return _done(act, generation, wish)


for _act in ACTS.values():
    proposals.register(_act.name, run=_approved, permission=_act.permission)
