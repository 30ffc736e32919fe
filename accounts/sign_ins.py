"""Who signs in and out: written down, and a word to whom it happens from a new device."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.signals import user_logged_in
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import addresses, devices, letters, security, topics
from accounts.models import User

#: Whoever has just signed up knows where they are.
NEW = timedelta(hours=1)


@receiver(user_logged_in)
def tell(request: HttpRequest, user: User, **kwargs: Any) -> None:
    security.note("login.succeeded", person=user.public_id, address=addresses.of(request))
    now, device = timezone.now(), devices.named(request.headers.get("User-Agent", ""))
    if device in _known(request, user) or now - user.joined_at < NEW:
        return
    letters.write(
        to=[user.email],
        template="new_sign_in",
        key=f"sign-in:{uuid.uuid4().hex}",
        context={
            "device": device,
            "address": addresses.of(request),
            "at": f"{now:%-d %B %Y, %H:%M} UTC",
        },
    )


@receiver(user_login_failed)
def _failed(request: HttpRequest | None = None, **kwargs: Any) -> None:
    security.note("login.failed", address=addresses.of(request) if request else None)


@receiver(user_logged_out)
def _left(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        security.note("logout", person=user.public_id, address=addresses.of(request))


def _known(request: HttpRequest, user: User) -> set[str]:
    """The devices of their other sessions."""
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    return {devices.named(agent) for agent in others.values_list("user_agent", flat=True)}


topics.register(
    "sign_ins",
    title="A sign-in from a new device",
    words="when somebody logs in as you where you are not logged in yet",
    templates=["new_sign_in"],
)
