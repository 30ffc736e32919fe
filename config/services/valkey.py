"""Our Valkey: the broker, the cache and the news between processes, kept on disk."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from config.services.answers import valkey_answers
from config.services.logs import open_log, size, tail
from config.services.places import Places
from config.services.together import dying_with_us

#: Written to disk every second; full memory is an error, never a lost message.
SETTINGS = {
    "appendfsync": "everysec",
    "appendonly": "yes",
    "daemonize": "no",
    "maxmemory-policy": "noeviction",
    "port": "0",
    "save": "",
    "unixsocketperm": "700",
}
DAMAGED = "Bad file format reading the append only file"


class Valkey:
    """The server of one `var` folder. Starting it twice is prevented by the keeper's lock."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, places: Places, program: Path) -> None:
        self._places, self._program = places, program
        self._log = places.log(self.name)
        self._log_began = 0

    def prepare(self) -> None:
        """Make the folder of its data."""
        self._places.valkey_data.mkdir(mode=0o700, exist_ok=True)

    def spawn(self) -> subprocess.Popen[bytes]:
        settings = SETTINGS | {
            "dir": str(self._places.valkey_data),
            "unixsocket": str(self._places.valkey_socket),
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        with open_log(self._log) as log:
            self._log_began = size(self._log)
            return subprocess.Popen(
                [self._program, *options],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dying_with_us(self.stop_signal),
            )

    def mend(self) -> None:
        """
        Put damaged data aside and begin anew.

        A file that was merely cut off mends itself. The rows of PostgreSQL are the truth and
        messages are nudges: an empty Valkey costs seconds, one that never starts everything.
        """
        if DAMAGED in tail(self._log, lines=50, since=self._log_began):
            data = self._places.valkey_data
            data.rename(data.with_name(f"valkey.damaged-{os.getpid()}"))
            data.mkdir(mode=0o700)

    def answers(self) -> bool:
        return valkey_answers(self._places.valkey_socket)
