"""
The processes of a production site, each started by the command that its container runs: what
`compose.yaml` says, and for `web` the Dockerfile.
"""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import yaml

from config.launch import _free_port as free_port
from tests.journeys.site import CHECKOUT, wait_until

#: What Docker gives a container that says nothing else.
USUAL_GRACE = 10.0
ONES_THAT_END = ("migrate", "bucket")


class Part:
    """
    One of them.

    :param grace: seconds from SIGTERM until it would be killed.
    """

    def __init__(
        self, name: str, command: list[str], grace: float, environment: Mapping[str, str], log: Path
    ) -> None:
        self.name, self.grace, self.port = name, grace, free_port()
        self._environment, self._log = environment, log
        self._command = [sys.executable, "-m", *self._moved(command)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._environment, cwd=CHECKOUT, stdout=log, stderr=log
            )

    def end(self) -> int:
        """As its supervisor ends it, in the time that it has; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(self.grace)

    def answers(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz", timeout=10).status_code == 200
        return False

    def _moved(self, command: list[str]) -> list[str]:
        """To a free port of loopback."""
        moved = [word.replace("0.0.0.0:8000", f"127.0.0.1:{self.port}") for word in command]
        return [{"0.0.0.0": "127.0.0.1", "8001": str(self.port)}.get(word, word) for word in moved]


@contextmanager
def crew(environment: Mapping[str, str], logs: Path) -> Iterator[dict[str, Part]]:
    """All of them at work, by name."""
    parts = {
        name: Part(name, shlex.split(command), grace, environment, logs / f"crew-{name}.log")
        for name, (command, grace) in _services().items()
    }
    try:
        for part in parts.values():
            part.start()
        doors = [parts["web"], parts["events"]]
        wait_until(lambda: all(door.answers() for door in doors), within=120)
        yield parts
    finally:
        for part in parts.values():
            part.process.kill()
            part.process.wait()


def _services() -> dict[str, tuple[str, float]]:
    """Name → its command, and the seconds that it has to end."""
    services = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"]
    return {
        name: (one.get("command", _command_of_the_image()), _grace(one))
        for name, one in services.items()
        if one.get("image") == "reelay" and name not in ONES_THAT_END
    }


def _command_of_the_image() -> str:
    dockerfile = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", "")
    return shlex.join(json.loads(re.findall(r"^CMD (.*)$", dockerfile, re.M)[-1]))


def _grace(service: Mapping[str, str]) -> float:
    return float(service.get("stop_grace_period", f"{USUAL_GRACE}s").removesuffix("s"))
