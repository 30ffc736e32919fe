"""Our PostgreSQL: made once, started, asked whether it is ready, given its databases."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from config.services import binaries, leftovers
from config.services.answers import postgres_answers
from config.services.errors import ServicesUnavailable
from config.services.lodging import Lodging
from config.services.logs import open_log, tail
from config.services.places import SUPERUSER, Places
from config.services.together import ON_LINUX, dying_with_us

#: How to write a whole data folder to disk: with one call where there is one, not with a thousand.
SYNC = "syncfs" if ON_LINUX else "fsync"

#: Durable like in production, modest in memory, and quiet while nobody asks for anything.
SETTINGS = {
    "autovacuum_naptime": "5min",
    "checkpoint_timeout": "15min",
    "fsync": "on",
    "full_page_writes": "on",
    "huge_pages": "off",
    "io_method": "sync",  # no processes that wait for reads which the kernel's cache answers
    "jit": "off",
    "listen_addresses": "",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "max_connections": "100",
    "max_logical_replication_workers": "0",
    "max_wal_senders": "0",
    "recovery_init_sync_method": SYNC,
    "shared_buffers": "32MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "unix_socket_permissions": "0700",
    "wal_level": "minimal",
}

#: PostgreSQL's own C.UTF-8: the same order of words on every machine and in every year.
INITDB = (
    f"--username={SUPERUSER}",
    "--auth=trust",  # whoever reaches the socket; its folder lets nobody else in
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    f"--sync-method={SYNC}",
)


STATUS_LINE = 7  # of postmaster.pid, counted from 0; the last one


class Postgres:
    """The server of one `var` folder. Starting it twice is prevented by the keeper's lock."""

    name = "postgres"
    stop_signal = signal.SIGINT  # a fast shutdown: sessions are ended, nothing is lost

    def __init__(self, places: Places, lodging: Lodging) -> None:
        self._places, self._lodging = places, lodging
        self._log = places.log(self.name)

    def prepare(self) -> None:
        """
        Make the data folder, or make sure that the one we find can be used.

        :raises ServicesUnavailable: if another server is on it, or it is of another version.
        """
        self._make_socket_folder()
        if not self._lodging.data.exists():
            self._make_data()
        self._refuse_other_version()
        leftovers.free_data_folder(self._lodging.data, self._places)

    def spawn(self) -> subprocess.Popen[bytes]:
        settings = SETTINGS | {"unix_socket_directories": str(self._places.postgres_sockets)}
        settings |= self._only_root_may_enter()
        options = [f"--{name}={value}" for name, value in settings.items()]
        with open_log(self._log) as log:
            return subprocess.Popen(
                self._lodging.command("postgres", "-D", str(self._lodging.data), *options),
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dying_with_us(self.stop_signal),
                **self._lodging.identity,
            )

    def mend(self) -> None:
        """PostgreSQL recovers by itself."""

    def answers(self) -> bool:
        """Its own status file is looked at first: whoever knocks too early fills the log."""
        return self._says_ready() and postgres_answers(self._places.postgres_sockets, SUPERUSER)

    def create_database(self, name: str) -> None:
        """A database that exists is left alone."""
        if not self._psql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self._psql(f'CREATE DATABASE "{name}"')

    def _says_ready(self) -> bool:
        with contextlib.suppress(OSError):
            status = (self._lodging.data / "postmaster.pid").read_text().splitlines()[STATUS_LINE:]
            return [line.strip() for line in status] == ["ready"]
        return False

    def _psql(self, statement: str) -> str:
        address = ["-h", str(self._places.postgres_sockets), "-U", SUPERUSER, "-d", SUPERUSER]
        psql = [str(self._lodging.install / "bin" / "psql"), "-XqAt", *address]
        done = subprocess.run(
            [*psql, "-c", statement], env=_environment(), capture_output=True, text=True
        )
        if done.returncode:
            raise ServicesUnavailable(f"{statement} failed: {done.stderr.strip()}")
        return done.stdout.strip()

    def _make_socket_folder(self) -> None:
        folder = self._places.postgres_sockets
        shutil.rmtree(folder, ignore_errors=True)  # sockets of a server that is gone
        folder.mkdir(mode=0o700)
        self._lodging.hand_over(folder)

    def _make_data(self) -> None:
        """Under another name first: one that was cut off is never taken for a whole one."""
        home = self._lodging.home
        for cut_off in home.glob("postgres.new-*"):
            shutil.rmtree(cut_off, ignore_errors=True)
        new = home / f"postgres.new-{os.getpid()}"
        new.mkdir(mode=0o700)
        self._lodging.hand_over(new)
        self._initdb(new)
        new.rename(self._lodging.data)

    def _initdb(self, folder: Path) -> None:
        with open_log(self._log) as log:
            done = subprocess.run(
                self._lodging.command("initdb", "-D", str(folder), *INITDB),
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with_us(signal.SIGKILL),
                **self._lodging.identity,
            )
        if done.returncode:
            raise ServicesUnavailable(
                f"PostgreSQL could not make its data folder: {tail(self._log, lines=2)}. See "
                f"{self._log}, or set DATABASE_URL."
            )

    def _refuse_other_version(self) -> None:
        data = self._lodging.data
        theirs = _version_of(data)
        ours = binaries.postgres_version(self._lodging.install).split(".")[0]
        if theirs == ours:
            return
        raise ServicesUnavailable(
            f"{data} was made by PostgreSQL {theirs or '(unreadable)'}, and this is PostgreSQL "
            f"{ours}. To keep the data: start it with the version of requirements.txt that made "
            "it, save it with pg_dump, move the folder away, start again and restore. To "
            "begin anew: move the folder away. Or set DATABASE_URL."
        )

    def _only_root_may_enter(self) -> dict[str, str]:
        """
        As `nobody` other programs of the machine may run too: the socket's peer has to be root.

        These files lie beside the data, not in it, as root must not write where `nobody` may.
        """
        if self._lodging.user is None:
            return {}
        root = pwd.getpwuid(os.geteuid()).pw_name
        lines = {
            "hba_file": "local all all peer map=reelay\n",
            "ident_file": f'reelay "{root}" {SUPERUSER}\n',
        }
        return {name: self._write(name, text) for name, text in lines.items()}

    def _write(self, name: str, text: str) -> str:
        path = self._lodging.home / name
        path.write_text(text)
        path.chmod(0o644)
        return str(path)


def _version_of(data: Path) -> str:
    with contextlib.suppress(OSError):
        return (data / "PG_VERSION").read_text().strip()
    return ""


def _environment() -> dict[str, str]:
    """Ours without the variables that would redirect PostgreSQL's programs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}
