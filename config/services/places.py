"""
Where the services of one `var` folder keep their files, sockets and locks.

Everything here follows from the path of the folder and from who we are: nothing has to be running.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from config.services.errors import ServicesUnavailable

DATABASE = "reelay"
SUPERUSER = "postgres"


@dataclass(frozen=True)
class ServiceURLs:
    """Addresses in the form that libpq and redis-py understand."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Places:
    """The files of one `var` folder; make it with `Places.of`."""

    var: Path

    @classmethod
    def of(cls, var: Path) -> Places:
        return cls(Path(var).resolve())

    @cached_property
    def digest(self) -> str:
        """Twelve characters that stand for this folder where its path would be too long."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]

    @cached_property
    def sockets(self) -> Path:
        """A socket's path may have 107 bytes, so sockets cannot live under `var` itself."""
        return temporary_folder() / f"reelay-{self.digest}-{os.geteuid()}"

    @property
    def postgres_sockets(self) -> Path:
        return self.sockets / "pg"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def urls(self) -> ServiceURLs:
        host = quote(str(self.postgres_sockets), safe="")
        return ServiceURLs(
            database_url=f"postgresql://{SUPERUSER}@{host}/{DATABASE}",
            redis_url=f"unix://{self.valkey_socket}",
        )

    @property
    def keeper_lock(self) -> Path:
        """Held exclusively by the keeper: there is never a second one."""
        return self.var / "services.lock"

    @property
    def users_lock(self) -> Path:
        """Held shared by everybody who uses the services."""
        return self.var / "services.users"

    @property
    def note(self) -> Path:
        return self.var / "services.json"

    @property
    def valkey_data(self) -> Path:
        return self.var / "valkey"

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"


def celery_broker_url(redis_url: str) -> str:
    """The same Redis in Celery's words: `unix://…` becomes `redis+socket://…`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db")
    query = f"?virtual_host={number[0]}" if number else ""
    return f"redis+socket://{parts.path}{query}"


def temporary_folder() -> Path:
    """Not $TMPDIR: every process must come to the same answer, whatever its environment."""
    common = Path("/tmp")  # noqa: S108  (made safe by `make_private`)
    return common if os.access(common, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def make_private(folder: Path, mode: int = 0o700) -> None:
    """
    Make a folder that belongs to us, or make sure that the one we find does.

    :raises ServicesUnavailable: if somebody else was there first.
    """
    try:
        folder.mkdir(mode=mode)
    except FileExistsError:
        refuse_foreign(folder)
    folder.chmod(mode)


def refuse_foreign(folder: Path) -> None:
    """
    A folder of somebody else could hold sockets of somebody else, and with them our data.

    :raises ServicesUnavailable: if it exists and is not a folder of our own.
    """
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
        return
    raise ServicesUnavailable(
        f"{folder} belongs to user {found.st_uid}, not to us (user {os.geteuid()}), so it is not "
        "safe to use. Have it removed, or set DATABASE_URL and REDIS_URL."
    )
