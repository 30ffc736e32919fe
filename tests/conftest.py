"""
The words of our tests.

Alice owns a workspace with ten dollars, Bob is a member of it, Charlie must not get in.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.core.cache import cache

from accounts.models import Membership, Role
from billing import audit
from billing.models import Rate
from generations import blocking, timing, waiting
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


@pytest.fixture(autouse=True)
def _one_provider_is_enough(settings):
    """Tests that are about several say so."""
    settings.PROVIDERS = {"runware": settings.PROVIDERS["runware"]}


@pytest.fixture(autouse=True)
def _price_table(request):
    """Tests with real transactions empty all tables; the seeded prices come back."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        if not Rate.objects.exists():
            import_module("billing.migrations.0003_first_rates").enter(apps, None)


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
    waiting.forget()
    timing.forget()
    blocking.forget()
