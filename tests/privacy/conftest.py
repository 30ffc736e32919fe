"""Dora has a workspace to herself and ten dollars in it, and proves who she is."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.site.conftest import browser_of
from tests.site.proving import prove, signed_in, with_password


@pytest.fixture
def dora(alice, audited):
    """Called Alice everywhere else."""
    with_password(alice.user)
    return alice


@pytest.fixture
def here(dora) -> Client:
    return prove(signed_in(dora.user))


@pytest.fixture
def browser(alice) -> Client:
    """Hers too, without the proof."""
    return browser_of(alice)
