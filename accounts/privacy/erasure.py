"""
The end of an account: closed at once, forgotten some days later, and until then to be had back.

What is forgotten: name, addresses, keys, sessions, and of workspaces that nobody else is in the
clips, first frames and prompts. What stays: the rows that money moved by, without a name.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import signing
from django.db import transaction

from accounts import audit, letters
from accounts.audit import Actor
from accounts.models import Erasure, User
from accounts.privacy import holders
from accounts.privacy.holders import Obstacle

logger = logging.getLogger(__name__)

SALT = "reelay.erasure"


class Refused(Exception):
    """The account cannot be deleted now; `obstacles` say why and what to do."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__(" ".join(one.words for one in obstacles))
        self.obstacles = obstacles


class LinkRefused(Exception):
    """There is nothing to bring back by this link, or not any more."""


def obstacles(user: User, *, gives_up: bool = False) -> list[Obstacle]:
    """What stands in the way. Who gives up what is left is not held up by a balance."""
    person = holders.person(user)
    found = [one for holder in holders.holders() for one in holder.obstacles(person)]
    return [one for one in found if not (gives_up and one.is_balance)]


@transaction.atomic
def ask(user: User, *, gives_up: bool, by: Actor, now: datetime) -> Erasure:
    """
    Close the account; it is forgotten after `ERASURE_GRACE_DAYS`.

    :raises Refused: nothing was changed.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if found := obstacles(user, gives_up=gives_up):
        raise Refused(found)
    due_at = now + timedelta(days=settings.ERASURE_GRACE_DAYS)
    erasure, _ = Erasure.objects.update_or_create(
        user=user, defaults={"gives_up": gives_up, "asked_at": now, "due_at": due_at}
    )
    User.objects.filter(pk=user.pk).update(is_active=False)
    person = holders.person(user)
    for holder in holders.holders():
        holder.close(person)
    _tell(user, due_at, now)
    audit.record(workspace=None, by=by, action="account.closed", subject=user.public_id)
    for session in UserSession.objects.filter(user=user):
        session.end()
    return erasure


def opened(token: str, *, now: datetime) -> Erasure:
    """:raises LinkRefused:"""
    try:
        user_id = signing.loads(token, salt=SALT)
        return Erasure.objects.select_related("user").get(pk=user_id, done_at=None, due_at__gt=now)
    except (signing.BadSignature, ValueError, Erasure.DoesNotExist):
        raise LinkRefused("This link does not work any more.") from None


@transaction.atomic
def undo(erasure: Erasure, *, by: Actor) -> bool:
    """The account is as it was. False when it was brought back, or forgotten, before."""
    gone, _ = Erasure.objects.filter(pk=erasure.pk, done_at=None).delete()
    if not gone:
        return False
    User.objects.filter(pk=erasure.pk).update(is_active=True)
    audit.record(workspace=None, by=by, action="account.reopened", subject=erasure.user.public_id)
    return True


def run_due(*, now: datetime) -> int:
    """Forget those whose time has come. Returns how many were forgotten."""
    done = 0
    due = Erasure.objects.filter(done_at=None, due_at__lte=now).select_related("user")
    for erasure in due:
        try:
            erase(erasure.user, gives_up=erasure.gives_up, by=Actor("system"), now=now)
            done += 1
        except Refused as refused:
            Erasure.objects.filter(pk=erasure.pk).update(obstacle=str(refused)[:500])
            logger.warning("An account that is due cannot be forgotten: %s", refused)
        except Exception:  # such as Stripe out of reach: again the next time
            logger.exception("An account could not be forgotten: %s", erasure.user.public_id)
    return done


def erase(user: User, *, gives_up: bool, by: Actor, now: datetime) -> None:
    """
    Forget them now, for good. Cut off half-way, it goes on the next time.

    :raises Refused: nothing was changed.
    """
    if found := obstacles(user, gives_up=gives_up):
        raise Refused(found)
    Erasure.objects.get_or_create(user=user, defaults={"gives_up": gives_up, "due_at": now})
    User.objects.filter(pk=user.pk).update(is_active=False)
    person = holders.person(user)
    for holder in holders.holders():
        holder.erase(person, gives_up=gives_up)
    with transaction.atomic():
        Erasure.objects.filter(pk=user.pk).update(done_at=now, obstacle="")
        audit.record(workspace=None, by=by, action="account.erased", subject=user.public_id)


def _tell(user: User, due_at: datetime, now: datetime) -> None:
    token = signing.dumps(user.pk.hex, salt=SALT)
    letters.write(
        to=[user.email],
        template="account_closed",
        key=f"closed:{user.pk.hex}:{now.isoformat()}",
        context={"day": f"{due_at:%-d %B %Y}"},
        secrets={"link": f"{settings.SITE_URL}/account/back/{token}"},
    )
