"""`make check` finds secrets that lie in files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "find_secrets.py"
#: Put together here, so that it is not found where it stands.
KEY = "AKIA" + "QYLPMN5HFIQR7XYA"


@pytest.fixture
def repository(tmp_path):
    """Of a single module, not committed yet."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "shop.py").write_text("PRICE = 5\n")
    return tmp_path


def check(repository: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT], cwd=repository, capture_output=True, text=True, check=False
    )


def test_a_secret_in_a_file_stops_the_check_and_is_not_shown(repository):
    (repository / "shop.py").write_text(f'PRICE = 5\nKEY = "{KEY}"\n')

    done = check(repository)

    assert done.returncode == 1, done.stderr
    assert "shop.py:2: AWS Access Key" in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_without_one_it_says_nothing(repository):
    done = check(repository)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
