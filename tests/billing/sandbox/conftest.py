"""One sandbox for all tests, empty at the start of each, and a shop that listens to it."""

from __future__ import annotations

import pytest

from tests.billing.sandbox.house import House, listen


@pytest.fixture(scope="session")
def _listening():
    shop, server = listen()
    yield shop
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def _house(_listening, tmp_path_factory):
    house = House(tmp_path_factory.mktemp("stripe"), _listening.url)
    yield house
    house.stop()


@pytest.fixture
def house(_house, shop):
    _house.control("POST", "reset")
    shop.calls.clear()
    return _house


@pytest.fixture
def shop(_listening):
    _listening.answers.clear()
    _listening.delay = 0.0
    _listening.most_inside = 0
    _listening.calls.clear()
    return _listening


@pytest.fixture
def own_house(shop, tmp_path):
    """A sandbox this test may kill."""
    house = House(tmp_path, shop.url)
    yield house
    if house.process.poll() is None:
        house.stop()
