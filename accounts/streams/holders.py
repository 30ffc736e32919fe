"""Who listens: a program with a key, or a browser with a session; and whether they still may."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import APIKey, Membership


@dataclass(frozen=True, slots=True)
class Program:
    key_id: uuid.UUID

    @property
    def group(self) -> str:
        """Those of one group share the places of a workspace."""
        return "programs"

    @property
    def places(self) -> int:
        return settings.STREAMS_PER_WORKSPACE


@dataclass(frozen=True, slots=True)
class Browser:
    """
    :param membership_id: the place in the workspace that it looks at.
    :param proof: of the session; it holds until the password is changed.
    """

    session: str
    membership_id: int
    proof: str

    @property
    def group(self) -> str:
        return self.session

    @property
    def places(self) -> int:
        return settings.STREAMS_PER_SESSION


Holder = Program | Browser


def usable(holders: Collection[Holder]) -> set[Holder]:
    """
    Those who may still listen, in at most three queries.

    For a thread of its own: its database connection is given back.
    """
    try:
        programs = {one for one in holders if isinstance(one, Program)}
        browsers = {one for one in holders if isinstance(one, Browser)}
        return _programs(programs) | _browsers(browsers)
    finally:
        connection.close()


def _programs(holders: Collection[Program]) -> set[Holder]:
    """Without keys that were revoked, or expired."""
    keys = APIKey.objects.usable(timezone.now()).filter(id__in={one.key_id for one in holders})
    found = set(keys.values_list("id", flat=True))
    return {one for one in holders if one.key_id in found}


def _browsers(holders: Collection[Browser]) -> set[Holder]:
    """Without sessions that ended, people who left, and workspaces that are suspended."""
    open_ = Session.objects.filter(
        session_key__in={one.session for one in holders}, expire_date__gt=timezone.now()
    )
    sessions = set(open_.values_list("session_key", flat=True))
    members = _members({one.membership_id for one in holders})
    return {one for one in holders if one.session in sessions and _proven(one, members)}


def _members(ids: Collection[int]) -> dict[int, Membership]:
    rows = Membership.objects.filter(user__is_active=True, workspace__suspended_at=None)
    return rows.select_related("user").in_bulk(ids)


def _proven(holder: Browser, members: dict[int, Membership]) -> bool:
    member = members.get(holder.membership_id)
    return member is not None and constant_time_compare(
        holder.proof, member.user.get_session_auth_hash()
    )
