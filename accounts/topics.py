"""
What letters are about, and what somebody does not want to read.

Each app registers the topics of its own letters. A letter of no topic is always sent: it is about
the account itself, or somebody asked for it a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from accounts.models import User

SALT = "reelay.topics"


@dataclass(frozen=True, slots=True)
class Topic:
    """`title` names it to people, `words` say when a letter comes."""

    name: str
    title: str
    words: str
    templates: frozenset[str]


class LinkRefused(Exception):
    """The link is not one of ours, or of a topic or an account that is gone."""


_topics: dict[str, Topic] = {}


def register(name: str, *, title: str, words: str, templates: Iterable[str]) -> None:
    _topics[name] = Topic(name, title, words, frozenset(templates))


def listed() -> list[Topic]:
    return list(_topics.values())


def of(template: str) -> Topic | None:
    """None for a letter that nobody can switch off."""
    return next((topic for topic in _topics.values() if template in topic.templates), None)


def keep(user: User, wanted: Iterable[str]) -> None:
    """From now on letters of these topics are sent, and of no others."""
    user.muted_topics = sorted(_topics.keys() - set(wanted))
    user.save(update_fields=["muted_topics"])


def mute(user: User, topic: Topic) -> None:
    user.muted_topics = sorted({*user.muted_topics, topic.name})
    user.save(update_fields=["muted_topics"])


def address_to_stop(user: User, topic: Topic) -> str:
    """Where no more letters of this topic are asked for: without a session, and for ever."""
    token = signing.dumps([user.pk.hex, topic.name], salt=SALT)
    return f"{settings.SITE_URL}/letters/stop/{token}"


def opened(token: str) -> tuple[User, Topic]:
    """:raises LinkRefused:"""
    try:
        user_id, name = signing.loads(token, salt=SALT)
        return User.objects.get(pk=user_id, is_active=True), _topics[name]
    except (signing.BadSignature, ValueError, KeyError, User.DoesNotExist):
        raise LinkRefused("This link does not work any more.") from None
