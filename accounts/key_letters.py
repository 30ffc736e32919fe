"""A word to whom a key acts for, when it is made or gets a new text: it spends in their name."""

from __future__ import annotations

from django.utils import timezone

from accounts import letters, topics
from accounts.audit import Actor
from accounts.models import APIKey


def tell(key: APIKey, by: Actor, *, new: bool = False) -> None:
    """Call it in the transaction that makes the key, or replaces its text."""
    letters.write(
        to=[key.holder.user.email],
        template="api_key",
        key=f"api-key:{key.lookup}",
        context={
            "new": new,
            "name": key.name,
            "workspace": key.workspace.name,
            "scopes": key.scopes,
            "address": by.address,
            "at": f"{timezone.now():%-d %B %Y, %H:%M} UTC",
        },
    )


topics.register(
    "api_keys",
    title="An API key of yours was made or replaced",
    words="so that you can revoke it at once if that was not you",
    templates=["api_key"],
)
