"""Words for templates: what somebody sat at, and where."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django import template

from accounts import devices

register = template.Library()
register.filter("device", devices.named)
register.filter("place", devices.place_of)


@register.filter
def here_first(sessions: Iterable[UserSession]) -> list[UserSession]:
    """The one that looks, then those used last."""
    return sorted(sessions, key=lambda one: (one.is_current(), one.last_seen_at), reverse=True)
