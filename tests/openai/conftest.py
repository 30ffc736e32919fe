from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing import rates
from tests.api.conftest import PRICES
from tests.api.tools import a_film
from tests.openai.tools import OpenAI


@pytest.fixture(autouse=True)
def _on_sale(audited) -> None:
    """Prices, and books that are right whatever was tried."""
    rates.enter(PRICES, at=datetime(2026, 1, 1, tzinfo=UTC), note="test")


@pytest.fixture
def openai(alice) -> OpenAI:
    return OpenAI(alice)


@pytest.fixture
def others(charlie) -> OpenAI:
    """The same, as somebody of another workspace uses it."""
    return OpenAI(charlie)


@pytest.fixture
def stranger() -> OpenAI:
    """The same without a key."""
    return OpenAI()


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> bytes:
    return a_film(tmp_path_factory.mktemp("film"))
