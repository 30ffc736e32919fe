"""Every service of these tests is a real one, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.tools import put_away, stop


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing was ever started."""
    folder = tmp_path / "var"
    yield folder
    put_away(folder)


@pytest.fixture(scope="session")
def used_before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("services") / "var"
    yield folder
    put_away(folder)


@pytest.fixture
def var(used_before: Path) -> Iterator[Path]:
    """A folder for all who do not care what was in it before: making data is most of the work."""
    yield used_before
    stop(used_before)
