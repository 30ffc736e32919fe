"""A word to whoever is signed in as from a device we have not seen them at."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.signals import user_logged_in
from allauth.usersessions.models import UserSession
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import addresses, devices, letters, topics
from accounts.models import User

#: Whoever has just signed up knows where they are.
NEW = timedelta(hours=1)


@receiver(user_logged_in)
def tell(request: HttpRequest, user: User, **kwargs: Any) -> None:
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
