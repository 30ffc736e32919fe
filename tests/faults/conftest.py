from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.house import House


@pytest.fixture(scope="package")
def shared(tmp_path_factory) -> Iterator[House]:
    """One house for the modules that neither crash nor crowd it."""
    house = House(_var(tmp_path_factory)).open()
    yield house
    house.close()


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Iterator[Callable[..., House]]:
    """Opens a house for one module; when the module is over its books are right."""
    with ExitStack() as stack:

        def opened(**environment: str) -> House:
            house = House(_var(tmp_path_factory), **environment)
            stack.callback(house.close)
            return house.open()

        yield opened


def _var(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("house")
