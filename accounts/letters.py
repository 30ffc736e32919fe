"""
E-mails that are owed to people: written down with what they tell, sent at least once.

One that cannot be sent is tried again over three days; then it stays with the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db import transaction

from accounts import post, sealing
from accounts.models import Letter, Membership, Role, Workspace

logger = logging.getLogger(__name__)

WAITS = [5, 30, 300, 1800, 7200, 18000, 28800, 36000, 43200, 57600, 64800]  # seconds
#: A letter in hand is taken up by somebody else after that.
IN_HAND = timedelta(minutes=2)
#: What secrets of a letter are sealed for, and where they lie in its context.
SEAL, SEALED = "letter", "sealed"


def write(
    *,
    to: Iterable[str],
    template: str,
    key: str,
    context: dict[str, Any],
    secrets: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """
    One letter each, once per key and address. Call it in the transaction of what it tells.

    :param secrets: of the context, too; they are stored sealed, and only until it is sent.
    """
    sealed = {name: sealing.seal(text, purpose=SEAL) for name, text in secrets.items()}
    context = {**context, SEALED: sealed} if sealed else context
    Letter.objects.bulk_create(
        [
            Letter(key=f"{key}:{address}"[:200], to=address, template=template, context=context)
            for address in to
        ],
        ignore_conflicts=True,
    )


def payers_of(workspace: Workspace) -> list[str]:
    """The addresses of those who care for a workspace's money."""
    return _people(workspace, Role.OWNER, Role.ADMIN, Role.BILLING)


def managers_of(workspace: Workspace) -> list[str]:
    """The addresses of those who look after a workspace."""
    return _people(workspace, Role.OWNER, Role.ADMIN)


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Returns how many were taken up."""
    due = _taken(now, limit)
    for letter in due:
        try:
            _send(letter)
        except Exception as error:  # whatever a mail server does, the others get theirs
            logger.warning("A letter could not be sent: %s", error)
            _later(letter, error, now)
        else:
            letter.context.pop(SEALED, None)
            Letter.objects.filter(pk=letter.pk).update(
                sent_at=now, due_at=None, error="", context=letter.context
            )
    return len(due)


def _people(workspace: Workspace, *roles: Role) -> list[str]:
    places = Membership.objects.for_workspace(workspace).filter(
        role__in=roles, user__is_active=True
    )
    return list(places.order_by("joined_at").values_list("user__email", flat=True))


@transaction.atomic
def _taken(now: datetime, limit: int) -> list[Letter]:
    rows = Letter.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
    due = list(rows.order_by("due_at")[:limit])
    Letter.objects.filter(pk__in=[one.pk for one in due]).update(due_at=now + IN_HAND)
    return due


def _send(letter: Letter) -> None:
    context = {**letter.context, **_secrets(letter)}
    post.send(to=letter.to, template=letter.template, context=context, id=letter.id)


def _secrets(letter: Letter) -> dict[str, str]:
    sealed = letter.context.get(SEALED, {})
    return {name: sealing.opened(text, purpose=SEAL) for name, text in sealed.items()}


def _later(letter: Letter, error: Exception, now: datetime) -> None:
    again = now + timedelta(seconds=WAITS[letter.tries]) if letter.tries < len(WAITS) else None
    Letter.objects.filter(pk=letter.pk).update(
        tries=letter.tries + 1, due_at=again, error=f"{type(error).__name__}: {error}"[:500]
    )
