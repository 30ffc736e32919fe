"""The copy of PostgreSQL outside of the checkout, for the user whom root lends it to."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.services import binaries
from tests.services.tools import CHECKOUT

COPY = """
import sys
from pathlib import Path
from config.services import binaries
sys.stdout.write(str(binaries.shared_postgres(Path(sys.argv[1]))))
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def test_checkouts_that_copy_at_once_end_with_one_whole_copy(shelf):
    command = [sys.executable, "-c", COPY, str(shelf)]
    copiers = [subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) for _ in range(3)]

    told = {copier.communicate()[0].decode() for copier in copiers}

    install = binaries.shared_postgres(shelf)
    assert told == {str(install)}
    assert len(list(shelf.iterdir())) == 1
    assert binaries.postgres_version(install).startswith("18.")


def test_everybody_may_read_the_copy_and_nobody_may_change_it(shelf):
    install = binaries.shared_postgres(shelf)

    files = [path for path in install.rglob("*") if not path.is_symlink()]

    assert {path.stat().st_mode & 0o777 for path in files} == {0o755, 0o644}
