"""Defaults that make sense: `a_workspace(deposit="10.00")`."""

from __future__ import annotations

import itertools

from accounts import people
from accounts.models import Membership, Role, User, Workspace
from billing import ledger, money

_numbers = itertools.count(1)


def a_user(email: str = "", **fields: object) -> User:
    return User.objects.create_user(email or f"person-{next(_numbers)}@example.org", **fields)


def a_workspace(*, owner: User | None = None, deposit: str = "0") -> Workspace:
    workspace = people.open_workspace(owner=owner or a_user())
    if amount := money.micros(deposit):
        ledger.deposit(wallet=workspace.wallet, amount=amount, key=f"test:{workspace.id.hex}")
    return workspace


def a_member(
    workspace: Workspace, role: Role = Role.MEMBER, user: User | None = None
) -> Membership:
    return Membership.objects.create(workspace=workspace, user=user or a_user(), role=role)
