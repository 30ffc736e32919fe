"""What the books know by UUID, as people call it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from accounts.models import APIKey, Membership, User, Workspace


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and what is to be said beside it."""

    name: str
    note: str = ""


Names = dict[str, Name]

SOMEBODY = Name("Somebody whose account is gone")
WEBSITE = Name("The website")
OLD_KEY = Name("A key that is gone")


def members(workspace: Workspace, ids: Collection[str]) -> Names:
    """People, also those who have left: they spent it here."""
    here = set(Membership.objects.for_workspace(workspace).values_list("user_id", flat=True))
    found = {
        str(user.pk): Name(user.email, "" if user.pk in here else "has left")
        for user in User.objects.filter(pk__in=_known(ids))
    }
    return {id: found.get(id, SOMEBODY) for id in ids}


def keys(workspace: Workspace, ids: Collection[str]) -> Names:
    """API keys; without one it was ordered on the website."""
    rows = APIKey.objects.for_workspace(workspace).filter(pk__in=_known(ids))
    found = {
        str(key.pk): Name(f"{key.name} …{key.ending}", "revoked" if key.revoked_at else "")
        for key in rows
    }
    return {id: found.get(id, OLD_KEY) if id else WEBSITE for id in ids}


def models(workspace: Workspace, ids: Collection[str]) -> Names:
    return {id: Name(id or "Not known") for id in ids}


NAMED_BY: dict[str, Callable[[Workspace, Collection[str]], Names]] = {
    "member": members,
    "key": keys,
    "model": models,
}


def _known(ids: Collection[str]) -> set[str]:
    return set(ids) - {""}
