"""A whole Reelay, started as a user would, and the few things a test does to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

CHECKOUT = Path(__file__).resolve().parents[2]
SETTINGS_OF_OURS = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "REELAY_TEST_SLOT"}
FINAL = {"succeeded", "failed", "canceled"}
#: Tests and benchmarks do in a minute with one key what customers do in a day.
IN_A_HURRY = {
    f"API_{kind}_{what}": "1000000"
    for kind in ("PAID", "OTHER")
    for what in ("PER_MINUTE", "BURST")
}


class Site:
    """`python -m config.launch` in a folder of its own, from `start` to `stop`."""

    def __init__(
        self,
        var: Path,
        *,
        checkout: Path = CHECKOUT,
        python: str = sys.executable,
        environment: dict[str, str] | None = None,
        **identity: Any,
    ) -> None:
        self.var, self.checkout, self.python, self.identity = var, checkout, python, identity
        self.environment = {
            **{name: text for name, text in os.environ.items() if name not in SETTINGS_OF_OURS},
            "REELAY_VAR": str(var),
            "PORT": "0",
            **IN_A_HURRY,
            **(environment or {}),
        }
        self.url = ""
        self.said: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def start(self, verb: str = "run", *, within: float = 60) -> Site:
        self.process = subprocess.Popen(
            [self.python, "-m", "config.launch", verb],
            cwd=self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **self.identity,
        )
        self.said = []
        self._ear = threading.Thread(target=self._hear, daemon=True)
        self._ear.start()
        self.url = self._address(time.monotonic() + within)
        return self

    def stop(self) -> int:
        """As somebody who presses Ctrl-C; returns the exit status."""
        assert self.process
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        """Wait until it is over, and let go of everything that was opened to it."""
        assert self.process
        self.process.wait(timeout=60)
        self._ear.join(timeout=10)
        return self.process.returncode

    def kill(self, name: str) -> None:
        """kill -9 one of its processes, and everything that process started."""
        pid = self.pids()[name]
        for child in psutil.Process(pid).children(recursive=True):
            child.kill()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.pids().get(name, pid) != pid, within=30)

    def end(self, name: str) -> None:
        """Tell one of its processes to stop; returns once its successor has been started."""
        pid = self.pids()[name]
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: self.pids().get(name, pid) != pid, within=30)

    def pids(self) -> dict[str, int]:
        return dict(json.loads((self.var / "processes.json").read_text()))

    def kill_service(self, name: str) -> None:
        """kill -9 the PostgreSQL or the Valkey; its keeper starts another one."""
        os.kill(json.loads((self.var / "services.json").read_text())[name], signal.SIGKILL)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.python, "manage.py", *arguments],
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            **self.identity,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def customer(self, deposit: str = "25.00") -> Customer:
        """Somebody with a workspace of their own and money in it."""
        name = f"customer-{time.monotonic_ns()}"
        command = ["create_workspace", "--name", name, "--email", f"{name}@example.org"]
        made = json.loads(self.manage(*command, "--deposit", deposit))
        return Customer(self.url, made["api_key"])

    def sandbox(self, verb: str, path: str, **body: Any) -> Any:
        """The control endpoint of the sandbox."""
        note = json.loads((self.var / "sandbox.json").read_text())
        headers = {"Authorization": f"Bearer {note['token']}"}
        answer = httpx.request(verb, note["url"] + path, headers=headers, json=body or None)
        answer.raise_for_status()
        return answer.json()

    def audit(self) -> str:
        return self.manage("audit_ledger")

    def _hear(self) -> None:
        assert self.process
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line)

    def _address(self, deadline: float) -> str:
        while True:
            talks = self._ear.is_alive()
            for line in self.said:
                if line.startswith("ready "):
                    return line.split()[1]
            assert talks, "".join(self.said)
            assert time.monotonic() < deadline, "".join(self.said)
            time.sleep(0.02)


class API:
    """The public API with one key; a connection for each request, so that nothing stays open."""

    def __init__(self, site: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self.options = {"base_url": f"{site}/api/v1", "headers": headers, "timeout": 30}

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._send("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self._send("POST", path, **options)

    def patch(self, path: str, **options: Any) -> httpx.Response:
        return self._send("PATCH", path, **options)

    def delete(self, path: str) -> httpx.Response:
        return self._send("DELETE", path)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        with httpx.Client(**self.options) as client:
            return client.request(method, path, **options)


class Customer:
    """Somebody who uses the public API."""

    def __init__(self, site: str, key: str) -> None:
        self.key, self.api = key, API(site, key)

    def order(self, prompt: str = "A paper boat at sunset", **body: Any) -> dict[str, Any]:
        wish = {"model": "hailuo-2.3", "prompt": prompt, **body}
        answer = self.api.post("/generations", json=wish)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def look(self, id: str) -> dict[str, Any]:
        return dict(self.api.get(f"/generations/{id}").raise_for_status().json())

    def finished(self, *ids: str, within: float = 90) -> list[dict[str, Any]]:
        """All of them, once each has come to its end."""
        deadline = time.monotonic() + within
        while True:
            seen = [self._patiently(id) for id in ids]
            if all(one["status"] in FINAL for one in seen):
                return seen
            states = [(one["status"], one["stage"]) for one in seen]
            assert time.monotonic() < deadline, f"not finished in time: {states}"
            time.sleep(0.3)

    def wallet(self) -> dict[str, Any]:
        return dict(self.api.get("/wallet").raise_for_status().json())

    def transactions(self, id: str) -> list[str]:
        """What the wallet says about one generation, oldest first."""
        page = self.api.get("/wallet/transactions", params={"limit": 100}).raise_for_status()
        return [row["type"] for row in reversed(page.json()["data"]) if row["generation"] == id]

    def _patiently(self, id: str) -> dict[str, Any]:
        """The web process may be one of those that were killed."""
        try:
            return self.look(id)
        except httpx.HTTPError:
            return {"status": "unreachable", "stage": ""}


def wait_until(wish: Callable[[], Any], *, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not wish():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
