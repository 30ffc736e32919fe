"""People in a workspace: another role, removed, leaving."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import audit, keys
from accounts.audit import Actor
from accounts.models import APIKey, Membership, Role
from accounts.team import letters, rules
from accounts.team.letters import ROLES, called, quoted
from accounts.team.rules import Refused


@transaction.atomic
def change_role(*, me: Membership, of: Membership, role: str, by: Actor) -> None:
    """
    From now on they may do what this role may.

    :raises Refused: for a role above one's own, or somebody who has one.
    """
    me, of = _held(me, of)
    if role not in rules.roles_to_give(me) or not rules.may_change(me, of):
        raise Refused("You cannot give this role to this member. Ask the owner.")
    if of.role == role:
        return
    Membership.objects.filter(pk=of.pk).update(role=role)
    act = audit.record(
        workspace=of.workspace,
        by=by,
        action="member.role_changed",
        subject=of.user.public_id,
        before=of.role,
        role=role,
    )
    title = f"You are {ROLES[Role(role)]} of {quoted(of.workspace)} now"
    said = f"{called(me.user)} changed your role from {of.role} to {role}."
    letters.tell(act, [of.user.email], title, [said])


@transaction.atomic
def remove(*, me: Membership, of: Membership, by: Actor, now: datetime) -> None:
    """
    They are out, and their API keys open nothing from the next request on. What they ordered stays.

    :raises Refused: for somebody above oneself, such as the owner.
    """
    me, of = _held(me, of)
    if not rules.may_change(me, of):
        raise Refused("You cannot remove this member. Ask the owner.")
    _let_go(of, by, now)
    act = audit.record(
        workspace=of.workspace, by=by, action="member.removed", subject=of.user.public_id
    )
    title = f"You are not in {quoted(of.workspace)} any more"
    lines = [f"{called(me.user)} removed you.", "The API keys you made there open nothing now."]
    letters.tell(act, [of.user.email], title, lines, path="/workspaces")


@transaction.atomic
def leave(*, me: Membership, by: Actor, now: datetime) -> None:
    """:raises Refused: for the owner: without one nobody could hand the workspace on."""
    (me,) = _held(me)
    if me.role == Role.OWNER:
        raise Refused("The owner cannot leave. Hand the workspace on to somebody first.")
    told = letters.managers_but(me)
    _let_go(me, by, now)
    act = audit.record(
        workspace=me.workspace, by=by, action="member.left", subject=me.user.public_id
    )
    title = f"{called(me.user)} has left {quoted(me.workspace)}"
    letters.tell(act, told, title, ["Their API keys open nothing any more."])


def _held(*places: Membership) -> tuple[Membership, ...]:
    """Hold the team; the places as they are now."""
    rules.hold(places[0].workspace)
    return tuple(rules.fresh(place) for place in places)


def _let_go(place: Membership, by: Actor, now: datetime) -> None:
    """The place is locked first: who makes a key for it at this moment has then done so."""
    Membership.objects.select_for_update().get(pk=place.pk)
    for key in APIKey.objects.filter(maker=place, revoked_at=None).order_by("pk"):
        keys.revoke(key=key, now=now, by=by)
    Membership.objects.filter(pk=place.pk).delete()
