"""
Invitations: sent, sent again, withdrawn, accepted once by whoever has the address.

The letter alone opens nothing: whoever accepts has confirmed the address it was sent to.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import models, transaction

from accounts import audit, ids, letters
from accounts.audit import Actor
from accounts.models import AuditEntry, Invitation, Membership, Role, User, Workspace
from accounts.team import rules
from accounts.team.letters import ROLES, called, quoted, tell
from accounts.team.rules import Refused

OPEN_FOR = timedelta(days=7)
#: How long until a letter may be sent again, and how many a workspace sends in a day.
BETWEEN = timedelta(minutes=1)
MOST_A_DAY = 50
TOKEN_BYTES = 32

CLOSED = {
    "accepted": "This invitation was accepted already.",
    "withdrawn": "This invitation was withdrawn.",
    "expired": "This invitation is too old.",
    "void": "Whoever invited you cannot do so any more.",
}


@transaction.atomic
def invite(*, me: Membership, email: str, role: str, by: Actor, now: datetime) -> Invitation:
    """
    Send a letter that lets its reader in.

    :raises Refused: for a role above one's own, for who is in or invited already, and when too
        many letters were sent today.
    """
    rules.hold(me.workspace)
    me, email = rules.fresh(me), email.strip().lower()
    _check(me, role)
    _check_is_new(me.workspace, email, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Invitation.objects.for_workspace(me.workspace).pending().filter(email=email).delete()
    made = Invitation.objects.create(
        workspace=me.workspace,
        email=email,
        role=role,
        invited_by=me,
        token_hash=_hash(token),
        sent_at=now,
        expires_at=now + OPEN_FOR,
    )
    _post(made, me, token, _record(made, by, "sent", email=email, role=role))
    return made


@transaction.atomic
def send_again(*, me: Membership, invitation: Invitation, by: Actor, now: datetime) -> None:
    """
    Another letter, open for another week; the one before opens nothing any more.

    :raises Refused: also within a minute of the letter before.
    """
    me, found = _both(me, invitation)
    _check(me, found.role)
    _check_pace(me.workspace, now)
    if found.sent_at > now - BETWEEN:
        raise Refused("A letter went out a moment ago. Wait a minute before you send another.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Invitation.objects.filter(pk=found.pk).update(
        token_hash=_hash(token), sent_at=now, expires_at=now + OPEN_FOR, invited_by=me
    )
    found.refresh_from_db()
    _post(found, me, token, _record(found, by, "sent_again", email=found.email))


@transaction.atomic
def withdraw(*, me: Membership, invitation: Invitation, by: Actor, now: datetime) -> None:
    """:raises Refused: when it was accepted meanwhile."""
    me, found = _both(me, invitation)
    _check(me, found.role)
    Invitation.objects.filter(pk=found.pk).update(withdrawn_at=now)
    act = _record(found, by, "withdrawn", email=found.email)
    title = f"The invitation to {quoted(found.workspace)} was withdrawn"
    tell(act, [found.email], title, [f"{called(me.user)} took it back."], path="")


@transaction.atomic
def accept(*, invitation: Invitation, user: User, by: Actor, now: datetime) -> Membership:
    """
    Let them in.

    :raises Refused: when it is closed, or for somebody who has not confirmed its address.
    """
    rules.hold(invitation.workspace)
    found = _rows().filter(pk=invitation.pk, token_hash=invitation.token_hash).first()
    if found is None:
        raise Refused("A later letter has another link. Take the one in the newest letter.")
    if (state := state_of(found, now)) != "open":
        raise Refused(f"{CLOSED[state]} Ask for another one.")
    if not is_for(found, user):
        raise Refused(f"This invitation is for {found.email}. Log in with that address.")
    Invitation.objects.filter(pk=found.pk).update(accepted_at=now)
    place, is_new = Membership.objects.get_or_create(
        workspace=found.workspace, user=user, defaults={"role": found.role}
    )
    if is_new:
        _tell_joined(found, user, _record(found, by, "accepted", email=found.email))
    return place


def find(token: str) -> Invitation | None:
    return _rows().filter(token_hash=_hash(token)).first()


def pending(workspace: Workspace) -> list[Invitation]:
    """Newest first, with who sent them."""
    rows = Invitation.objects.for_workspace(workspace).pending()
    return list(rows.select_related("invited_by__user").order_by("-sent_at"))


def state_of(invitation: Invitation, now: datetime) -> str:
    """Its own state, or "void": whoever sent it may not give this role any more."""
    state, sender = invitation.state(now), invitation.invited_by
    backed = sender is not None and invitation.role in rules.roles_to_give(sender)
    return "void" if state == "open" and not backed else state


def is_for(invitation: Invitation, user: User) -> bool:
    """Have they confirmed that the address is theirs?"""
    theirs = EmailAddress.objects.filter(user=user, verified=True)
    return bool(theirs.filter(email__iexact=invitation.email).exists())


def _check(me: Membership, role: str) -> None:
    if role not in rules.roles_to_give(me):
        raise Refused("You cannot invite somebody to this role. Ask the owner.")


def _check_is_new(workspace: Workspace, email: str, now: datetime) -> None:
    members = Membership.objects.for_workspace(workspace)
    if members.filter(user__email__iexact=email).exists():
        raise Refused(f"{email} is in this workspace already.")
    rows = Invitation.objects.for_workspace(workspace).pending()
    if rows.filter(email=email, expires_at__gt=now).exists():
        raise Refused(f"{email} is invited already. You can send the letter again below.")
    _check_pace(workspace, now)


def _check_pace(workspace: Workspace, now: datetime) -> None:
    sent = AuditEntry.objects.filter(
        workspace=workspace,
        action__in=["invitation.sent", "invitation.sent_again"],
        pk__gt=ids.earliest(now - timedelta(days=1)),
    )
    if sent.count() >= MOST_A_DAY:
        raise Refused(f"{MOST_A_DAY} letters were sent within a day. Try again tomorrow.")


def _both(me: Membership, invitation: Invitation) -> tuple[Membership, Invitation]:
    """As they are now that we hold the team."""
    rules.hold(me.workspace)
    found = _rows().filter(pk=invitation.pk).first()
    if found is None or found.accepted_at or found.withdrawn_at:
        raise Refused("This invitation is not pending any more.")
    return rules.fresh(me), found


def _rows() -> models.QuerySet[Invitation]:
    return Invitation.objects.select_related("workspace", "invited_by__user")


def _hash(token: str) -> str:
    """A token has 256 bits, so nobody finds one by its hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _record(invitation: Invitation, by: Actor, what: str, **data: str) -> AuditEntry:
    return audit.record(
        workspace=invitation.workspace,
        by=by,
        action=f"invitation.{what}",
        subject=invitation.public_id,
        **data,
    )


def _post(invitation: Invitation, me: Membership, token: str, act: AuditEntry) -> None:
    letters.write(
        to=[invitation.email],
        template="invitation",
        key=f"invitation:{act.pk.hex}",
        context={
            "who": called(me.user),
            "workspace": invitation.workspace.name,
            "role": ROLES[Role(invitation.role)],
            "email": invitation.email,
            "days": OPEN_FOR.days,
        },
        secrets={"token": token},
    )


def _tell_joined(invitation: Invitation, user: User, act: AuditEntry) -> None:
    sender = invitation.invited_by
    title = f"{called(user)} is in {quoted(invitation.workspace)} now"
    said = f"They accepted your invitation and are {ROLES[Role(invitation.role)]}."
    tell(act, [sender.user.email] if sender else [], title, [said])
