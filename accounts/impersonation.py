"""
Looking at the site as a customer: only looking, for half an hour, and written down.

The session of the member of staff says as whom. Nothing can be sent while it lasts, and only pages
that are listed here can be opened: none of them shows a secret or changes anything by being shown.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import addresses, audit
from accounts.models import User, Workspace
from accounts.moments import moment
from accounts.proposals import NotPossible

LASTS = timedelta(minutes=30)
SESSION_KEY = "impersonation"
PERMISSION = "accounts.impersonate_user"

#: Names of the pages that may be looked at; a new page stays closed until it stands here.
PAGES = frozenset(
    {
        *("home", "docs-home", "docs", "docs-error"),
        *("studio", "studio_price", "studio_reel"),
        *("library", "clip", "clip_live", "card", "first_frame"),
        *("wallet", "limits", "statements", "ledger_export", "statement_csv", "statement_pdf"),
        *("account", "api_keys", "team", "team_member", "usage", "usage_csv"),
    }
)


class Over(Exception):
    """It has ended; the message says why."""


@dataclass(frozen=True, slots=True)
class Impersonation:
    """Who looks as whom, in which workspace, and until when."""

    staff: User
    person: User
    workspace_id: str
    until: datetime


def obstacle(person: User) -> str:
    """Why nobody looks as them; "" where somebody may."""
    if person.is_staff or person.is_superuser:
        return "They are staff: nobody looks as a member of staff."
    if not person.is_active:
        return "They are suspended: there is nothing for them to see."
    if not Workspace.objects.for_user(person).exists():
        return "They are in no workspace: there is nothing for them to see."
    return ""


def begin(
    request: HttpRequest,
    *,
    by: User,
    person: User,
    workspace: Workspace,
    reason: str,
    now: datetime,
) -> str:
    """
    From now on this session shows the person's pages.

    :raises NotPossible: nobody looks as staff, as somebody suspended, or as two people at once.
    """
    if why := obstacle(person):
        raise NotPossible(why)
    if SESSION_KEY in request.session:
        raise NotPossible("You are looking as somebody already: stop that first.")
    until = now + LASTS
    with transaction.atomic():
        request.session[SESSION_KEY] = {
            "person": person.pk.hex,
            "workspace": str(workspace.pk),
            "until": until.isoformat(),
            "seen": [],
        }
        _record(request, by, "began", reason=reason, until=moment(until))
    return f"You are looking as {person} until {until:%H:%M} UTC."


def of(request: HttpRequest, *, now: datetime) -> Impersonation | None:
    """
    The one of this session.

    :raises Over: its time is up, or one of the two may not any more; it has been ended.
    """
    kept = request.session.get(SESSION_KEY)
    if kept is None:
        return None
    staff, person = request.user, User.objects.filter(pk=kept["person"]).first()
    if now >= datetime.fromisoformat(kept["until"]):
        raise _over(request, "time is up", "Half an hour is over: you are yourself again.")
    if not isinstance(staff, User) or not (staff.is_staff and staff.has_perm(PERMISSION)):
        raise _over(request, "not allowed any more", "You may not look as others any more.")
    if person is None or not person.is_active or person.is_staff or person.is_superuser:
        raise _over(request, "not possible any more", "Nobody can look as this person any more.")
    until = datetime.fromisoformat(kept["until"])
    return Impersonation(staff, person, kept["workspace"], until)


def note(request: HttpRequest, one: Impersonation, page: str) -> None:
    """Written down once for each kind of page."""
    kept = request.session[SESSION_KEY]
    if page not in kept["seen"]:
        with transaction.atomic():
            kept["seen"].append(page)
            request.session.modified = True
            _record(request, one.staff, "looked", page=page)


def end(request: HttpRequest, *, how: str) -> uuid.UUID | None:
    """Whom it was about; None where there was none."""
    kept = request.session.get(SESSION_KEY)
    if kept is None:
        return None
    by = request.user if isinstance(request.user, User) else None
    with transaction.atomic():
        _record(request, by, "ended", how=how, pages=kept["seen"])
        del request.session[SESSION_KEY]
    return uuid.UUID(kept["person"])


@receiver(user_logged_out)
def _logged_out(request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if request is not None and hasattr(request, "session"):
        end(request, how="logged out")


def _over(request: HttpRequest, how: str, said: str) -> Over:
    end(request, how=how)
    return Over(said)


def _record(request: HttpRequest, by: User | None, what: str, **data: Any) -> None:
    """In the audit of the workspace that is looked at."""
    kept = request.session[SESSION_KEY]
    audit.record(
        workspace=Workspace.objects.filter(pk=kept["workspace"]).first(),
        by=audit.Actor(by.email if by else "staff", addresses.of(request)),
        action=f"impersonation.{what}",
        subject=User(pk=uuid.UUID(kept["person"])).public_id,
        **data,
    )
