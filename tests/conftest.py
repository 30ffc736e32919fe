"""
The words of our tests.

Alice owns a workspace with ten dollars, Bob is a member of it, Charlie must not get in.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from accounts.models import Membership, Role
from billing import audit
from tests.factories import a_member, a_user, a_workspace


@pytest.fixture(autouse=True)
def _media_of_its_own(settings, tmp_path):
    """Files of a test go where the test ends."""
    settings.SPOOL = tmp_path / "spool"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        },
    }
    settings.SPOOL.mkdir()


@pytest.fixture
def alice(db) -> Membership:
    workspace = a_workspace(owner=a_user("alice@example.org"), deposit="10.00")
    return workspace.memberships.select_related("user", "workspace").get()


@pytest.fixture
def bob(alice) -> Membership:
    return a_member(alice.workspace, Role.MEMBER, a_user("bob@example.org"))


@pytest.fixture
def charlie(db) -> Membership:
    workspace = a_workspace(owner=a_user("charlie@example.org"), deposit="10.00")
    return workspace.memberships.select_related("user", "workspace").get()


@pytest.fixture
def wallet(alice):
    return alice.workspace.wallet


@pytest.fixture
def audited(db) -> Iterator[None]:
    """The books are right when the test ends."""
    yield
    assert audit.faults() == []


@pytest.fixture(autouse=True)
def _empty_cache():
    yield
    cache.clear()
