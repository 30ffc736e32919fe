"""What accounts themselves hold about a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts import devices, keys
from accounts.models import (
    APIKey,
    AuditEntry,
    CustomerEvent,
    DataExport,
    IdempotencyRecord,
    Invitation,
    KeyUse,
    Letter,
    Membership,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from accounts.moments import moment
from accounts.privacy import exports, holders
from accounts.privacy.holders import File, Holder, Obstacle, Person

#: What they are called when nobody knows who they were; `.invalid` is no domain (RFC 2606).
NOBODY = "erased-{}@reelay.invalid"
FORGOTTEN_WORKSPACE = "Deleted workspace"


class Accounts(Holder):
    def obstacles(self, person: Person) -> Iterable[Obstacle]:
        if person.user.is_staff:
            yield Obstacle("This is an account of staff. Have staff rights taken away first.")
        for workspace in person.owned:
            if others := workspace.memberships.count() - 1:
                yield Obstacle(
                    f"You own “{workspace}”, and {_people(others)} would lose it. "
                    "Make somebody else its owner under Team, or remove the others first."
                )

    def files(self, person: Person) -> Iterable[File]:
        yield "profile.json", iter([_pretty(_profile(person.user))])
        yield "memberships.json", iter([_pretty(_memberships(person.user))])
        yield "api-keys.json", iter([_pretty(_keys(person.user))])
        yield "audit.jsonl", _audit(person.user)

    def erase(self, person: Person, *, gives_up: bool) -> None:
        for export in DataExport.objects.filter(user=person.user):
            exports.forget(export)
        with transaction.atomic():
            for workspace in person.alone:
                _forget_workspace(workspace)
            _forget_traces(person.user)
            _forget_ways_in(person.user)
            _forget_name(person.user)


def _people(count: int) -> str:
    return "one other person" if count == 1 else f"{count} other people"


def _profile(user: User) -> dict[str, Any]:
    return {
        "id": user.public_id,
        "name": user.name,
        "email": user.email,
        "joined_at": moment(user.joined_at),
        "last_login": moment(user.last_login),
        "letters_switched_off": user.muted_topics,
        "email_addresses": [
            {"email": one.email, "confirmed": one.verified, "primary": one.primary}
            for one in EmailAddress.objects.filter(user=user)
        ],
        "second_factors": [
            {"kind": one.type, "since": moment(one.created_at), "used": moment(one.last_used_at)}
            for one in Authenticator.objects.filter(user_id=user.pk)
        ],
        "connected_accounts": [
            {"with": one.provider, "since": moment(one.date_joined), "told_us": one.extra_data}
            for one in SocialAccount.objects.filter(user=user)
        ],
        "sessions": [_session(one) for one in UserSession.objects.filter(user=user)],
    }


def _session(one: UserSession) -> dict[str, Any]:
    return {
        "device": devices.named(one.user_agent),
        "browser": one.user_agent,
        "address": one.ip,
        "since": moment(one.created_at),
        "last_used": moment(one.last_seen_at),
    }


def _memberships(user: User) -> list[dict[str, Any]]:
    places = Membership.objects.filter(user=user).select_related("workspace")
    return [
        {
            "workspace": place.workspace.public_id,
            "name": place.workspace.name,
            "role": place.role,
            "since": moment(place.joined_at),
        }
        for place in places.order_by("joined_at")
    ]


def _keys(user: User) -> list[dict[str, Any]]:
    """Everything but the keys themselves, which we do not know."""
    mine = APIKey.objects.filter(maker__user=user).prefetch_related("uses")
    return [
        {
            "id": key.public_id,
            "workspace": str(key.workspace_id),
            "name": key.name,
            "ending": key.ending,
            "scopes": key.scopes,
            "made": moment(key.created_at),
            "revoked": moment(key.revoked_at),
            "used_from": [
                {"address": use.address, "last": moment(use.last_used_at)} for use in key.uses.all()
            ],
        }
        for key in mine.order_by("created_at")
    ]


def _audit(user: User) -> Iterator[str]:
    """What they did that is written down."""
    for entry in AuditEntry.objects.filter(actor=user.public_id).order_by("id").iterator():
        told = {
            "at": moment(entry.created_at),
            "action": entry.action,
            "subject": entry.subject,
            "address": entry.address,
            "data": entry.data,
        }
        yield f"{json.dumps(told, ensure_ascii=False)}\n"


def _pretty(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _forget_workspace(workspace: Workspace) -> None:
    """Its books need the row; nothing else of it stays."""
    IdempotencyRecord.objects.filter(workspace=workspace).exclude(answer=None).update(answer=None)
    WebhookDelivery.objects.filter(workspace=workspace).delete()
    CustomerEvent.objects.filter(workspace=workspace).delete()
    WebhookEndpoint.objects.filter(workspace=workspace).delete()
    Invitation.objects.filter(workspace=workspace).delete()
    APIKey.objects.filter(workspace=workspace).update(name="", allowed_addresses=[])
    Workspace.objects.filter(pk=workspace.pk).update(
        name=FORGOTTEN_WORKSPACE, webhook_secret="", suspended_at=Now()
    )


def _forget_traces(user: User) -> None:
    """Letters to them, and in the audit from where they acted and how to write to them."""
    known = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    emails = sorted({user.email, *known})
    Letter.objects.filter(to__in=emails).delete()
    Invitation.objects.filter(email__in=emails).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_forget_person(%s, %s)", [user.public_id, emails])
    about = LogEntry.objects.filter(content_type__model="user", object_id=str(user.pk))
    about.update(object_repr=user.public_id)


def _forget_ways_in(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()
    KeyUse.objects.filter(key__maker__user=user).delete()
    for key in APIKey.objects.filter(maker__user=user, revoked_at=None):
        keys.revoke(key=key, now=timezone.now())
    Membership.objects.filter(user=user).delete()
    Authenticator.objects.filter(user_id=user.pk).delete()
    SocialAccount.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()


def _forget_name(user: User) -> None:
    """The row stays: those who acted are named by its id, and that says nothing any more."""
    user.email, user.name, user.muted_topics = NOBODY.format(user.pk.hex), "", []
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()


holders.register(holders.ACCOUNTS, Accounts())
