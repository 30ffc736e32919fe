"""The same for those who are not root, and for a root who may not be somebody else."""

import os
import pwd
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.services.tools import (
    arrival_of,
    can_run,
    dismiss,
    identity_of,
    put_away,
    python_for,
    start_user,
    stop,
)

NAMELESS = 65533
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="every other test runs as such a user"),
]


@pytest.fixture
def home():
    """A folder under which a user may have a private home."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_an_ordinary_user_keeps_everything_under_var(home):
    uid = next(user.pw_uid for user in pwd.getpwall() if user.pw_uid not in (0, 65534))

    _lives_in(home, uid)


def test_a_user_without_a_name_is_served_too(home):
    if not _allows_namespaces(NAMELESS):
        pytest.skip("this machine does not allow user namespaces")

    _lives_in(home, NAMELESS)


def test_a_root_who_may_not_be_somebody_else_uses_a_namespace(fresh):
    chained = ("setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-setuid,-setgid")
    if not shutil.which("setpriv") or not _allows_namespaces(0):
        pytest.skip("this machine does not allow user namespaces, or has no setpriv")

    user = start_user(fresh, before=chained)
    arrival_of(user)

    assert (fresh / "postgres" / "PG_VERSION").read_text() == "18\n"
    assert not (fresh / "postgres.json").exists()
    dismiss(user)


def _lives_in(home: Path, uid: int) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    os.chown(private, uid, uid)
    var = private / "var"

    for _ in range(2):  # the first start and a restart
        user = start_user(var, python=python_for(uid), **identity_of(uid))
        assert arrival_of(user)["uid"] == uid
        assert (var / "postgres" / "PG_VERSION").stat().st_uid == uid
        dismiss(user)
        stop(var)
    put_away(var)


def _allows_namespaces(uid: int) -> bool:
    return can_run(["unshare", "-U", "--map-user=65534", "true"], uid)
