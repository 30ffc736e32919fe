"""
API keys: made, found, rotated, revoked.

What their text looks like is in `key_texts.py`, what may be asked for in `grants.py`. Making,
rotating and revoking leave an entry in the audit, in the same transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from accounts import audit, key_letters, key_texts, suspension
from accounts.audit import Actor
from accounts.key_texts import KeyRefused, NoKey
from accounts.models import APIKey, KeyUse, Membership, Scope, Workspace
from accounts.models.keys import APIKeyQuerySet
from accounts.moments import moment
from accounts.prepared import Prepared

__all__ = [
    "KeyRefused",
    "NewKey",
    "NoKey",
    "create",
    "find",
    "keys_of",
    "listed",
    "note_use",
    "revoke",
    "rotate",
]

#: From where nothing was ever used.
NOWHERE = "192.0.2.0"
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, or one with a new text. `text` is shown once and stored nowhere."""

    key: APIKey
    text: str = field(repr=False)


@transaction.atomic
def create(
    *,
    maker: Membership,
    name: str,
    expires_at: datetime | None = None,
    scopes: Sequence[str] = tuple(Scope.values),
    allowed_addresses: Sequence[str] = (),
    rates: Mapping[str, int | None] | None = None,
    parent: APIKey | None = None,
    by: Actor | None = None,
) -> NewKey:
    """
    A new key of a member, who has asked for nothing that is not theirs: see `grants.py`.

    :param rates: columns of `Paced`.
    :param parent: the key that makes it.
    :raises KeyRefused: if the parent was revoked, or the member removed, a moment ago.
    """
    if not Membership.objects.select_for_update(no_key=True).filter(pk=maker.pk).exists():
        raise KeyRefused("You are not in this workspace any more.")
    text = key_texts.drawn()
    key = APIKey.objects.create(
        workspace_id=maker.workspace_id,
        maker=maker,
        name=name,
        expires_at=expires_at,
        scopes=list(scopes),
        allowed_addresses=list(allowed_addresses),
        lineage=_kept_line(parent) if parent else [],
        **text.columns,
        **(rates or {}),
    )
    _record(key, by, "created", name=name, scopes=key.scopes, expires_at=moment(expires_at))
    return NewKey(key=key, text=text.whole)


def find(text: str, *, now: datetime, address: str | None = None) -> APIKey:
    """The key with this text. Raises KeyRefused, saying why."""
    asked = key_texts.read(text)
    found = _with_lookup(asked.lookup, address or NOWHERE)
    if not found or not asked.opens(_hash_of(found[0], asked.lookup)):
        raise KeyRefused("This API key is unknown.")
    key = found[0]
    if (state := key.state(now)) != "active":
        raise KeyRefused(f"This API key is {state}. Make a new one.")
    if key.lookup != asked.lookup and (key.previous_until or now) <= now:
        raise KeyRefused("This API key was rotated out. Use the one that came in its place.")
    if not key.holder.user.is_active or key.workspace.suspended_at:
        whose = "workspace" if key.workspace.suspended_at else "maker"
        support = suspension.whom_to_write_to()
        raise KeyRefused(f"The {whose} of this API key is suspended. Write to {support}.")
    return key


def note_use(key: APIKey, *, now: datetime, address: str | None = None) -> None:
    """Remember when and from where it was used, at most once a minute: reading must stay cheap."""
    before = now - USE_IS_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at < before:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=before)
        APIKey.objects.filter(stale, id=key.id).update(last_used_at=now)
    here: datetime | None = getattr(key, "last_used_here", None)  # as `find` has seen it
    if address and here is None:
        new = KeyUse(key=key, address=address, first_used_at=now, last_used_at=now)
        KeyUse.objects.bulk_create([new], ignore_conflicts=True)
    elif address and here and here < before:
        uses = KeyUse.objects.filter(key=key, address=address, last_used_at__lt=before)
        uses.update(last_used_at=now)


@transaction.atomic
def rotate(*, key: APIKey, overlap: timedelta, now: datetime, by: Actor) -> NewKey:
    """
    A new text for the same key. The text before opens, too, until the overlap is over; the one
    before that no more.

    :raises KeyRefused: if the key opens nothing any more.
    """
    key = _locked().get(pk=key.pk)
    if (state := key.state(now)) != "active":
        raise KeyRefused(f"This API key is {state}. Make a new one.")
    text = key_texts.drawn()
    columns = text.columns | {
        "previous_lookup": key.lookup,
        "previous_hash": key.secret_hash,
        "previous_until": now + overlap,
    }
    APIKey.objects.filter(pk=key.pk).update(**columns)
    _record(key, by, "rotated", name=key.name, previous_until=moment(now + overlap))
    rotated = listed(key.workspace).get(pk=key.pk)
    key_letters.tell(rotated, by)
    return NewKey(key=rotated, text=text.whole)


@transaction.atomic
def revoke(*, key: APIKey, now: datetime, by: Actor | None = None) -> None:
    """It opens nothing from now on, and neither does any key that it made."""
    _locked().get(pk=key.pk)  # first: who makes a key with it at this moment has then done so
    rows = _locked().with_descendants(key).filter(revoked_at=None).order_by("pk")
    for one in list(rows):
        APIKey.objects.filter(pk=one.pk).update(revoked_at=now)
        _record(one, by, "revoked", name=one.name)


def keys_of(workspace: Workspace) -> list[APIKey]:
    """Newest first, with who made them and from where they were used last."""
    return list(listed(workspace).order_by("-id"))


def listed(workspace: Workspace) -> APIKeyQuerySet:
    """Keys with what lists show of them."""
    uses = KeyUse.objects.filter(key=OuterRef("pk")).order_by("-last_used_at")
    rows = APIKey.objects.for_workspace(workspace).select_related("maker__user")
    return rows.annotate(last_used_from=Subquery(uses.values("address")[:1]))


def _by_lookup(lookup: str, address: str) -> APIKeyQuerySet:
    here = KeyUse.objects.filter(key=OuterRef("pk"), address=address).values("last_used_at")
    rows = APIKey.objects.select_related("workspace", "maker__user")
    rows = rows.annotate(last_used_here=Subquery(here))
    return rows.filter(Q(lookup=lookup) | Q(previous_lookup=lookup))


_with_lookup = Prepared(_by_lookup, str, IPv4Address)


def _hash_of(key: APIKey, lookup: str) -> str:
    return key.secret_hash if key.lookup == lookup else key.previous_hash


def _kept_line(parent: APIKey) -> list[uuid.UUID]:
    """The parent and those above it, in force until we are done: `revoke` waits for us."""
    line = [parent.pk, *parent.lineage]
    if len(_locked().filter(pk__in=line, revoked_at=None).order_by("pk")) != len(line):
        raise KeyRefused("This API key is revoked. Make a new one.")
    return line


def _locked() -> APIKeyQuerySet:
    return APIKey.objects.select_related("workspace", "maker__user").select_for_update(
        of=("self",), no_key=True
    )


def _record(key: APIKey, by: Actor | None, what: str, **data: Any) -> None:
    audit.record(
        workspace=key.workspace,
        by=by or audit.actor(key.holder.user),
        action=f"api_key.{what}",
        subject=key.public_id,
        **data,
    )
