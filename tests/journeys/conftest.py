from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.site import Customer, Site


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """
    One running Reelay for all journeys: real PostgreSQL, Redis, workers, beat and sandbox.

    When all of them are over the books are right.
    """
    site = Site(tmp_path_factory.mktemp("site"), environment={"SANDBOX_RENDER_SECONDS": "1"})
    site.start()
    yield site
    assert "The books are right" in site.audit()
    assert site.stop() == 0


@pytest.fixture
def customer(site) -> Customer:
    """Somebody with 25 dollars of their own."""
    return site.customer()
