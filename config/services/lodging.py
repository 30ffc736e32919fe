"""
Where PostgreSQL keeps its data, and as whom it runs.

An ordinary user runs it as himself, in `var/postgres`. PostgreSQL refuses to run as root, so root
lends it the user `nobody` and a folder under /var/lib/reelay: `var` may lie under a home that
only root can enter, and its permissions are none of our business. `var/postgres.json` notes where
the data went. Where that is not allowed (some containers), a user namespace makes it
believe that it is somebody else.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypedDict

from config.services import binaries, notes
from config.services.errors import ServicesUnavailable
from config.services.places import Places, temporary_folder

SHELF = Path("/var/lib/reelay")
NOBODY = 65534
NAMESPACE = ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}")


class Identity(TypedDict, total=False):
    """What `subprocess` has to be told to run a program as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Lodging:
    """`home` is ours, `data` belongs to the user who runs PostgreSQL."""

    install: Path
    home: Path
    user: pwd.struct_passwd | None = None  # None: ourselves
    prefix: tuple[str, ...] = ()

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.install / "bin" / program), *arguments]

    @property
    def identity(self) -> Identity:
        return _identity(self.user)

    def hand_over(self, folder: Path) -> None:
        """Give a folder to the user who runs PostgreSQL."""
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)


def find(places: Places) -> Lodging:
    """
    The lodging this machine allows; the same one every time for the same data.

    :raises ServicesUnavailable: if there is no way to run PostgreSQL here.
    """
    ours = places.var / "postgres"
    _refuse_data_of_another(ours)
    if os.geteuid() == 0 and not ours.exists() and (guest := _as_nobody(places)):
        return guest
    if notes.read(_note(places)):
        raise ServicesUnavailable(
            f"{_note(places)} says that the database belongs to the user nobody, and we may not "
            "act as that user here. Start with the rights you had, or set DATABASE_URL."
        )
    return _as_ourselves(places)


def forget(places: Places) -> None:
    """Delete the database for good, wherever it is."""
    if home := _noted_home(places):
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(places.var / "postgres", ignore_errors=True)
    _note(places).unlink(missing_ok=True)


def _as_ourselves(places: Places) -> Lodging:
    install = binaries.postgres()
    if os.geteuid() != 0 and _has_a_name(os.geteuid()):
        return Lodging(install, home=places.var)
    if _runs([*NAMESPACE, str(install / "bin" / "postgres"), "--version"]):
        return Lodging(install, home=places.var, prefix=NAMESPACE)
    raise ServicesUnavailable(
        "PostgreSQL does not run as root or as a user without a name, and this machine allows "
        "neither to run it as nobody nor in a user namespace. Start as an ordinary user, or set "
        "DATABASE_URL."
    )


def _as_nobody(places: Places) -> Lodging | None:
    """None where root is not allowed to be somebody else."""
    user = _nobody()
    if user is None or not _runs(["true"], user):
        return None
    try:
        shelf = _our_folder(SHELF, 0o711)
        install = binaries.shared_postgres(shelf)
    except OSError:  # a root without a writable /var/lib
        return None
    if not _runs([str(install / "bin" / "postgres"), "--version"], user):
        return None
    return Lodging(install, home=_home(places, shelf), user=user)


def _home(places: Places, shelf: Path) -> Path:
    """The folder that `var` notes; a new one if it notes none, or if `var` is somebody's copy."""
    home = _noted_home(places) or _new_home(places, shelf)
    _our_folder(home, 0o711)
    (home / "owner").write_text(str(places.var))
    notes.write(_note(places), {"data": str(home / "postgres"), "var": str(places.var)})
    return home


def _noted_home(places: Places) -> Path | None:
    note = notes.read(_note(places))
    if not note:
        return None
    elsewhere = Path(str(note["var"]))
    if elsewhere != places.var and notes.read(_note(Places(elsewhere))) == note:
        return None  # we are a copy and the original is still there: the data is the original's
    return Path(str(note["data"])).parent


def _new_home(places: Places, shelf: Path) -> Path:
    """Never one that another `var` uses. What our own forgotten `var` left is put aside."""
    _clear_away_temporary_ones(shelf)
    home = next(home for home in _homes(places, shelf) if _owner(home) in ("", str(places.var)))
    if (home / "postgres").exists():
        shutil.rmtree(home / "postgres.previous", ignore_errors=True)
        (home / "postgres").rename(home / "postgres.previous")
    return home


def _clear_away_temporary_ones(shelf: Path) -> None:
    """Of a `var` that was made under /tmp and is gone; any other may be on a disk not mounted."""
    for home in shelf.iterdir():
        owner = Path(_owner(home))
        if owner.is_relative_to(temporary_folder()) and not owner.exists():
            shutil.rmtree(home, ignore_errors=True)


def _homes(places: Places, shelf: Path) -> Iterator[Path]:
    yield shelf / places.digest
    for number in count(2):  # the first one went along when its checkout was moved
        yield shelf / f"{places.digest}-{number}"


def _owner(home: Path) -> str:
    with contextlib.suppress(OSError):
        return (home / "owner").read_text()
    return ""


def _our_folder(folder: Path, mode: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ServicesUnavailable(f"{folder} is not a folder of root's. Remove it.")
    folder.chmod(mode)
    return folder


def _refuse_data_of_another(data: Path) -> None:
    if data.exists() and data.stat().st_uid != os.geteuid():
        raise ServicesUnavailable(
            f"{data} belongs to user {data.stat().st_uid}, and we are user {os.geteuid()}. Run the "
            "same command as that user, or set DATABASE_URL and REDIS_URL."
        )


def _note(places: Places) -> Path:
    return places.var / "postgres.json"


def _nobody() -> pwd.struct_passwd | None:
    """By number, as names differ; PostgreSQL wants its user to have one."""
    if _has_a_name(NOBODY):
        return pwd.getpwuid(NOBODY)
    return next((user for user in pwd.getpwall() if user.pw_name == "nobody"), None)


def _has_a_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _runs(command: list[str], user: pwd.struct_passwd | None = None) -> bool:
    try:
        done = subprocess.run(command, cwd="/", capture_output=True, **_identity(user))
    except OSError:
        return False
    return done.returncode == 0


def _identity(user: pwd.struct_passwd | None) -> Identity:
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
