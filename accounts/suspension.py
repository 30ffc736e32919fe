"""
Shutting a workspace or a person out, and letting them in again: by staff, for a reason.

A suspended workspace is for looking only: it orders and pays nothing, its keys open nothing, its
card is not charged by itself. What a provider makes already is finished and charged; what waits is
canceled by the dispatch loop and its hold released. A suspended person has no sessions and no keys;
their workspaces go on.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import User, Workspace
from accounts.proposals import NotPossible

SUSPENDED_BEFORE = "It is suspended already. Nothing was changed."
NOT_SUSPENDED = "It is not suspended. Nothing was changed."
STAFF = "accounts.change_user"


def whom_to_write_to() -> str:
    """The address that customers are told where only staff can help."""
    return settings.SUPPORT_EMAIL or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


@transaction.atomic
def suspend_workspace(
    workspace: Workspace, *, by: User, reason: str, now: datetime, address: str | None = None
) -> str:
    """:raises NotPossible: it is suspended already."""
    rows = Workspace.objects.filter(pk=workspace.pk, suspended_at=None)
    if not rows.update(suspended_at=now):
        raise NotPossible(SUSPENDED_BEFORE)
    _record(workspace, by, "suspended", reason, address)
    return f"{workspace} is suspended: what waits is canceled, what is being made is finished."


@transaction.atomic
def resume_workspace(
    workspace: Workspace, *, by: User, reason: str, now: datetime, address: str | None = None
) -> str:
    """:raises NotPossible: it is not suspended."""
    rows = Workspace.objects.filter(pk=workspace.pk).exclude(suspended_at=None)
    if not rows.update(suspended_at=None):
        raise NotPossible(NOT_SUSPENDED)
    _record(workspace, by, "resumed", reason, address)
    return f"{workspace} may order again."


@transaction.atomic
def suspend_user(
    person: User, *, by: User, reason: str, now: datetime, address: str | None = None
) -> str:
    """:raises NotPossible: they are suspended already, or not for this person to suspend."""
    if person.pk == by.pk:
        raise NotPossible("You cannot suspend yourself.")
    if (person.is_staff or person.is_superuser) and not by.has_perm(STAFF):
        raise NotPossible(f"They are staff: it takes {STAFF}.")
    rows = User.objects.filter(pk=person.pk, is_active=True)
    ended = {"is_active": False, "suspensions": F("suspensions") + 1}
    if not rows.update(suspended_at=now, **ended):
        raise NotPossible(SUSPENDED_BEFORE)
    _record(person, by, "suspended", reason, address)
    return f"{person} is suspended: their sessions have ended, and keys they made open nothing."


@transaction.atomic
def resume_user(
    person: User, *, by: User, reason: str, now: datetime, address: str | None = None
) -> str:
    """:raises NotPossible: they are not suspended."""
    rows = User.objects.filter(pk=person.pk).exclude(suspended_at=None)
    if not rows.update(suspended_at=None, is_active=True):
        raise NotPossible(NOT_SUSPENDED)
    _record(person, by, "resumed", reason, address)
    return f"{person} may log in again."


def _record(row: User | Workspace, by: User, what: str, reason: str, address: str | None) -> None:
    audit.record(
        workspace=row if isinstance(row, Workspace) else None,
        by=audit.Actor(by.email, address),
        action=f"{row._meta.model_name}.{what}",
        subject=row.public_id,
        reason=reason,
    )
