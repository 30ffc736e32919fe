"""What somebody may do to the team they are in. Nothing is allowed unless it is said here."""

from __future__ import annotations

from accounts.models import Act, Membership, Role, Workspace

#: Who stands above whom; nobody gives, takes away or changes a role above their own.
RANKS = {Role.OWNER: 3, Role.ADMIN: 2, Role.MEMBER: 1, Role.BILLING: 1}
#: A workspace has one owner, and somebody becomes it by taking the workspace over.
GIVEN = (Role.ADMIN, Role.MEMBER, Role.BILLING)


class Refused(Exception):
    """Nothing was changed; says why, and what to do."""


def roles_to_give(me: Membership) -> list[Role]:
    if not me.may(Act.MANAGE):
        return []
    return [role for role in GIVEN if RANKS[role] <= RANKS[Role(me.role)]]


def may_change(me: Membership, other: Membership) -> bool:
    """Give them another role, or remove them."""
    return other.pk != me.pk and other.role in roles_to_give(me)


def hold(workspace: Workspace) -> None:
    """Nobody else changes this team until our transaction is over."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def fresh(place: Membership) -> Membership:
    """The place as it is now that we hold the team. Raises Refused when it is gone."""
    rows = Membership.objects.select_related("user", "workspace")
    found = rows.filter(pk=place.pk).first()
    if found is None:
        raise Refused("This member is not in the workspace any more.")
    return found
