"""
Who holds what about a person. Each app registers a holder of its own rows; nobody else knows them.

Their order is the order of erasing: those above first, accounts last, so that whoever is cut off
half-way finds the person again and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.models import Membership, Role, User, Workspace

#: A file of the copy: its name, and its text piece by piece.
File = tuple[str, Iterator[str]]


@dataclass(frozen=True, slots=True)
class Person:
    """
    A user with the workspaces that go with them (`alone`: nobody else is in there), and those that
    they own.
    """

    user: User
    alone: list[Workspace]
    owned: list[Workspace]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an account cannot be deleted now, and what to do. A balance can also be given up."""

    words: str
    is_balance: bool = False


class Holder:
    """What an app does for a person; by itself it holds nothing. Every act may be repeated."""

    def obstacles(self, person: Person) -> Iterable[Obstacle]:
        return ()

    def close(self, person: Person) -> None:
        """The account is closed, and may be opened again. In the transaction of that."""

    def erase(self, person: Person, *, gives_up: bool) -> None:
        """Forget them. Transactions are its own, as files and other houses are asked, too."""

    def files(self, person: Person) -> Iterable[File]:
        return ()


_holders: dict[int, Holder] = {}

#: The places of the apps in the order of erasing.
GENERATIONS, BILLING, ACCOUNTS = range(3)


def register(place: int, holder: Holder) -> None:
    _holders[place] = holder


def holders() -> list[Holder]:
    return [_holders[place] for place in sorted(_holders)]


def person(user: User) -> Person:
    places = Membership.objects.filter(user=user).select_related("workspace")
    mine: list[Any] = list(
        places.annotate(others=Count("workspace__memberships") - 1).order_by("joined_at")
    )
    return Person(
        user=user,
        alone=[place.workspace for place in mine if place.others == 0],
        owned=[place.workspace for place in mine if place.role == Role.OWNER],
    )
