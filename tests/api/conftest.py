from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from billing import audit, rates
from generations import timing
from tests.api.tools import API, a_film
from tests.billing.sandbox.house import KEY, SECRET, House

#: provider, SKU, micro-dollars: the first table is gone where a test commits.
PRICES = [
    ("runware", f"{model}/{mode}/{resolution}/{seconds}", price)
    for model, mode, list_prices in [
        ("hailuo-2.3", "text-to-video", [280_000, 560_000, 490_000]),
        ("hailuo-2.3", "image-to-video", [280_000, 560_000, 490_000]),
        ("hailuo-2.3-fast", "image-to-video", [190_000, 320_000, 330_000]),
    ]
    for (resolution, seconds), price in zip(
        [("768P", 6), ("768P", 10), ("1080P", 6)], list_prices, strict=True
    )
]


@pytest.fixture(autouse=True)
def _on_sale(db) -> None:
    rates.enter(PRICES, at=datetime(2026, 1, 1, tzinfo=UTC), note="test")
    timing._learned.cache_clear()  # each test has a past of its own


@pytest.fixture(autouse=True)
def _audited(db) -> Iterator[None]:
    """Whatever was tried, the books are right."""
    yield
    assert audit.faults() == []


@pytest.fixture
def api(alice) -> API:
    return API(alice)


@pytest.fixture
def others(charlie) -> API:
    """The API as somebody of another workspace uses it."""
    return API(charlie)


@pytest.fixture
def stranger() -> API:
    """The API without a key."""
    return API()


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> bytes:
    return a_film(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def _bank(tmp_path_factory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("stripe"))
    yield house
    house.stop()


@pytest.fixture
def stripe(settings, _bank) -> House:
    """Without it a top-up is a 503, which no client may cause."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    settings.STRIPE_API_BASE = _bank.url
    return _bank
