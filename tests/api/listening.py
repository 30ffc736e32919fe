"""A process that serves streams over the test database, and a client of it that listens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import connection

from accounts.models import CustomerEvent
from config import embedded

CHECKOUT = Path(__file__).resolve().parents[2]
SOON = 10


class Process:
    """uvicorn with `config.asgi`, as in production but for shorter times."""

    def __init__(self, log: Path, **environment: str) -> None:
        self._log, self._environment = log, environment

    def start(self) -> Process:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command(port)],
                cwd=CHECKOUT, stdout=log, stderr=log,
                env={**os.environ, "DATABASE_URL": _test_database(),
                     "REDIS_URL": settings.REDIS_URL, "REELAY_VAR": str(embedded.VAR),
                     "DJANGO_SETTINGS_MODULE": "tests.api.streaming_settings",
                     **self._environment},
            )  # fmt: skip
        self.url = f"http://127.0.0.1:{port}"
        self._wait_ready()
        return self

    def command(self, port: int) -> list[str]:
        options = ["--port", str(port), "--no-access-log", "--lifespan", "off"]
        return ["uvicorn", "config.asgi:application", *options]

    def stop(self) -> float:
        """As a supervisor does it; the seconds that it took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        return time.monotonic() - begun

    @property
    def log(self) -> str:
        return self._log.read_text()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)


class Ear:
    """One open stream. Whatever it waits for comes soon, or the test fails."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self._lines = response, response.iter_lines()

    def frame(self) -> dict[str, str]:
        """The next block: fields by name, a comment as ``""``; nothing when the stream is over."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line:
                return fields
            name, _, value = line.partition(": ")
            fields[name.rstrip(":")] = value
        return fields

    def event(self) -> dict[str, Any]:
        """The next event, its frame checked; nothing when the stream is over."""
        while (frame := self.frame()) and "data" not in frame:
            assert set(frame) <= {"", "retry"}
        if not frame:
            return {}
        event: dict[str, Any] = json.loads(frame["data"])
        assert (frame["id"], frame["event"]) == (event["id"], event["type"])
        return event

    def events(self) -> Iterator[dict[str, Any]]:
        while event := self.event():
            yield event

    def silence(self, pings: int = 2) -> None:
        """Nothing is told for a while."""
        while pings:
            frame = self.frame()
            assert "data" not in frame, frame
            pings -= frame == {"": "ping"}


class Listener:
    """`with listener.open("/events") as ear: …` with one key."""

    def __init__(self, process: Process, key: str = "") -> None:
        bearer = {"Authorization": f"Bearer {key}"} if key else {}
        self.options: dict[str, Any] = {
            "base_url": f"{process.url}/api/v1", "headers": bearer, "timeout": SOON
        }  # fmt: skip

    @contextmanager
    def open(self, path: str, last: str = "") -> Iterator[Ear]:
        headers = {"Last-Event-ID": last} if last else {}
        with (
            httpx.Client(**self.options) as client,
            client.stream("GET", path, headers=headers) as response,
        ):
            assert response.status_code == 200, response.read()
            ear = Ear(response)
            assert "retry" in ear.frame()
            yield ear

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with httpx.Client(**self.options) as client:
            return client.get(path, headers=named)

    def head(self, path: str) -> httpx.Response:
        with httpx.Client(**self.options) as client:
            return client.head(path)


def told() -> list[str]:
    """All that was ever told, in the order of streams."""
    return [event.public_id for event in CustomerEvent.objects.order_by("position", "id")]


def _test_database() -> str:
    """The address of the test database; its name is not that of the settings."""
    url = urlsplit(embedded.database_url())
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
