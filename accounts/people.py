"""Opening accounts and finding one's place in them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.models import Membership, Role, User, Workspace

#: "Last seen" is as exact as that, so that looking at pages stays cheap.
VISITS_ARE_NOTED_EVERY = timedelta(minutes=10)


@transaction.atomic
def open_workspace(*, owner: User, name: str = "") -> Workspace:
    """A new workspace with its owner in it; billing gives it a wallet."""
    workspace = Workspace.objects.create(name=name or f"{_call_name(owner)}'s workspace")
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    return workspace


def membership_of(user: User, workspace_id: str | None = None) -> Membership | None:
    """The user's place in the workspace asked for, or in the one they looked at last."""
    places = Membership.objects.filter(user=user).select_related("workspace")
    asked = places.filter(workspace_id=workspace_id).first() if workspace_id else None
    latest = F("seen_at").desc(nulls_last=True)
    return asked or places.order_by(latest, "joined_at", "id").first()


def note_visit(place: Membership, *, now: datetime) -> None:
    """Remember that they were here."""
    if place.seen_at is None or place.seen_at < now - VISITS_ARE_NOTED_EVERY:
        Membership.objects.filter(pk=place.pk).update(seen_at=now)


def places_of(user: User) -> list[Membership]:
    """All their places, the oldest first."""
    places = Membership.objects.filter(user=user).select_related("workspace")
    return list(places.order_by("joined_at", "id"))


def _call_name(user: User) -> str:
    return user.name or user.email.partition("@")[0]
