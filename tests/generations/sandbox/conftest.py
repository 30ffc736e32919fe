"""One sandbox for all tests, empty at the start of each; its rendered clips are kept."""

from __future__ import annotations

import pytest

from tests.generations.sandbox.house import House, listen


@pytest.fixture(scope="session")
def _house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("sandbox"))
    yield house
    house.stop()


@pytest.fixture
def house(_house):
    _house.control("POST", "reset")
    return _house


@pytest.fixture
def own_house(_house, tmp_path):
    """A sandbox this test may kill; it shares the clips that are rendered already."""
    (_house.state / "clips").mkdir(exist_ok=True)
    (tmp_path / "clips").symlink_to(_house.state / "clips")
    house = House(tmp_path)
    yield house
    if house.process.poll() is None:
        house.stop()


@pytest.fixture
def listener():
    found, server = listen()
    yield found
    server.shutdown()
    server.server_close()
