"""Workspaces themselves: opened, renamed."""

from __future__ import annotations

from django.db import transaction

from accounts import audit, people
from accounts.audit import Actor
from accounts.models import Act, Membership, Role, User, Workspace
from accounts.team import rules
from accounts.team.letters import called, managers_but, tell
from accounts.team.rules import Refused

MOST_OWNED = 20


@transaction.atomic
def open_another(*, owner: User, name: str, by: Actor) -> Workspace:
    """
    A workspace of their own, with a wallet of its own.

    :raises Refused: for a name they have already, which also makes a double click one workspace.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    owned = Workspace.objects.filter(memberships__user=owner, memberships__role=Role.OWNER)
    if owned.filter(name__iexact=name).exists():
        raise Refused("You own a workspace of this name already.")
    if owned.count() >= MOST_OWNED:
        raise Refused(f"You own {MOST_OWNED} workspaces, which is as many as there can be.")
    made = people.open_workspace(owner=owner, name=name)
    audit.record(
        workspace=made, by=by, action="workspace.opened", subject=made.public_id, name=name
    )
    return made


@transaction.atomic
def rename(*, me: Membership, name: str, by: Actor) -> None:
    """:raises Refused: for somebody who does not look after it."""
    rules.hold(me.workspace)
    me = rules.fresh(me)
    if not me.may(Act.MANAGE):
        raise Refused("Owners and admins rename a workspace.")
    before = me.workspace.name
    if before == name:
        return
    Workspace.objects.filter(pk=me.workspace.pk).update(name=name)
    act = audit.record(
        workspace=me.workspace,
        by=by,
        action="workspace.renamed",
        subject=me.workspace.public_id,
        before=before,
        name=name,
    )
    title = f"“{before}” is called “{name}” now"
    tell(act, managers_but(me), title, [f"{called(me.user)} renamed the workspace."])
