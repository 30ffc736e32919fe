"""
The audit: who did what that others will want to know of.

`record` is called in the transaction of the act itself, so either both happened or neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from accounts import addresses, security
from accounts.models import APIKey, AuditEntry, User, Workspace


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as the audit names them, and from where."""

    name: str
    address: str | None = None


#: Nobody asked for it: Reelay did it by itself.
REELAY = Actor("reelay")


def actor(who: User | APIKey, request: HttpRequest | Request | None = None) -> Actor:
    """A person or a key, with the address of the request."""
    return Actor(who.public_id, addresses.of(request) if request else None)


def record(
    *, workspace: Workspace | None, by: Actor, action: str, subject: str = "", **data: Any
) -> AuditEntry:
    """Write one act down, for ever. `data` never holds a secret."""
    told = {"actor": by.name, "action": action, "subject": subject, "address": by.address}
    security.note_after_commit("audit", **told)
    return AuditEntry.objects.create(workspace=workspace, data=data, **told)
