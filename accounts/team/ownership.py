"""Handing a workspace on: offered by the owner, done when the other one accepts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from accounts.models import Act, AuditEntry, Membership, OwnershipOffer, Role, Workspace
from accounts.team import rules
from accounts.team.letters import called, quoted, tell
from accounts.team.rules import Refused

OPEN_FOR = timedelta(days=7)


@transaction.atomic
def offer(*, me: Membership, to: Membership, by: Actor, now: datetime) -> None:
    """
    Ask somebody to take the workspace over; until they accept nothing changes.

    :raises Refused: while somebody else is asked, and for who could not log in to accept.
    """
    rules.hold(me.workspace)
    me, to = rules.fresh(me), rules.fresh(to)
    if not me.may(Act.OWN) or to.pk == me.pk or not to.user.is_active:
        raise Refused("Only the owner hands a workspace on, and only to somebody else.")
    if open_offer(me.workspace, now):
        raise Refused("Somebody is asked already. Take that offer back first.")
    OwnershipOffer.objects.filter(workspace=me.workspace).delete()
    OwnershipOffer.objects.create(
        workspace=me.workspace, by=me, to=to, made_at=now, expires_at=now + OPEN_FOR
    )
    title = f"{called(me.user)} wants to hand {quoted(me.workspace)} on to you"
    lines = [
        "As its owner you decide who is in it and what they may do, and its money is yours to"
        " look after.",
        f"Nothing changes until you accept. The offer is open for {OPEN_FOR.days} days.",
    ]
    tell(_record(me, to, by, "offered"), [to.user.email], title, lines)


@transaction.atomic
def accept(*, me: Membership, by: Actor, now: datetime) -> None:
    """
    The workspace is theirs, and its owner until now an admin of it.

    :raises Refused: when the offer is over, taken back, or was for somebody else.
    """
    found, owner, me = _offered(me, now)
    Membership.objects.filter(pk=owner.pk).update(role=Role.ADMIN)  # there is one owner at a time
    Membership.objects.filter(pk=me.pk).update(role=Role.OWNER)
    found.delete()
    title = f"{called(me.user)} is the owner of {quoted(me.workspace)} now"
    told = [owner.user.email, me.user.email]
    said = f"{called(owner.user)} handed it on and is an admin now."
    tell(_record(owner, me, by, "accepted"), told, title, [said])


@transaction.atomic
def decline(*, me: Membership, by: Actor, now: datetime) -> None:
    """:raises Refused: when there is no such offer any more."""
    found, owner, me = _offered(me, now)
    found.delete()
    title = f"{called(me.user)} does not take {quoted(me.workspace)} over"
    act = _record(owner, me, by, "declined")
    tell(act, [owner.user.email], title, ["You are still its owner."])


@transaction.atomic
def take_back(*, me: Membership, by: Actor, now: datetime) -> None:
    """:raises Refused: when it was accepted or declined meanwhile."""
    rules.hold(me.workspace)
    me, found = rules.fresh(me), open_offer(me.workspace, now)
    if found is None or found.by_id != me.pk:
        raise Refused("There is no offer to take back.")
    found.delete()
    title = f"{called(me.user)} keeps {quoted(me.workspace)}"
    act = _record(me, found.to, by, "taken_back")
    tell(act, [found.to.user.email], title, ["The offer to take it over was taken back."])


def open_offer(workspace: Workspace, now: datetime) -> OwnershipOffer | None:
    """The one that can be accepted: not too old, and by whoever is still the owner."""
    rows = OwnershipOffer.objects.filter(
        workspace=workspace, expires_at__gt=now, by__role=Role.OWNER
    )
    return rows.select_related("by__user", "to__user").first()


def _offered(me: Membership, now: datetime) -> tuple[OwnershipOffer, Membership, Membership]:
    """The offer to me, who made it, and me, as they are now that we hold the team."""
    rules.hold(me.workspace)
    me, found = rules.fresh(me), open_offer(me.workspace, now)
    if found is None or found.to_id != me.pk:
        raise Refused("This offer is over. Ask the owner to make it again.")
    return found, found.by, me


def _record(owner: Membership, to: Membership, by: Actor, what: str) -> AuditEntry:
    return audit.record(
        workspace=owner.workspace,
        by=by,
        action=f"ownership.{what}",
        subject=to.user.public_id,
        owner=owner.user.public_id,
    )
