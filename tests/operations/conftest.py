"""Members of staff: Stella may everything, Sam and Sue hold a permission each."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from tests.factories import a_user
from tests.operations.world import world

__all__ = ["world"]


def browser_of(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def a_member_of_staff(name: str, *permissions: str):
    user = a_user(f"{name}@staff.example", is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def in_role(role: str):
    """Somebody of the staff in one of the roles, and nothing else."""
    user = a_user(f"{role}@staff.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def stella(db):
    return a_user("stella@staff.example", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(stella) -> Client:
    """Stella's browser."""
    return browser_of(stella)


@pytest.fixture
def sue(db):
    """She refunds, too."""
    return a_member_of_staff(
        "sue", "generations.refund_generation", "generations.view_generation",
        "accounts.view_proposal",
    )  # fmt: skip
