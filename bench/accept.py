"""
`POST /api/v1/generations` with all its features, against a bare DRF view that makes the same five
statements: both from gunicorn's threads, as in production, in turns in one run.

The five: find the key; write the order, its event and the idempotency record; hold the money.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from bench.home import at_home
from bench.table import Figure, percentile, show

ROUNDS, SECONDS, CROWD = 3, 5, 8
THREADS = 8
BODY = {"model": "hailuo-2.3", "prompt": "A red kite over a harbour at dawn. [Pan left]"}
#: What each statement of an order is for, by what it begins with and names; the first that fits.
PURPOSES = {
    "pg_try_advisory_xact_lock": "idempotency: nobody else answers this key, nor has before",
    'INTO "accounts_idempotencyrecord"': "five: the answer is kept",
    'FROM "accounts_apikey"': "five: who asks",
    'UPDATE "accounts_apikey"': "the key was used (once a minute)",
    "billing_rate": "the price table",
    "billing_wallet": "five: the money is held, and its movement written",
    "billing_spendlimit": "spend limits",
    'INTO "generations_generation"': "five: the order",
    'INTO "generations_event"': "five: its event",
    'FROM "generations_event"': "the timeline in the answer",
    "generations_providerstatus": "who is switched on, full or resting",
}


def main() -> bool:
    with at_home(SANDBOX="1", DATABASE_POOL=str(THREADS)) as var:
        key = _customer()
        _statements(key)
        (var / "spool").mkdir(exist_ok=True)
        with (
            _Server("config.wsgi:application") as full,
            _Server("bench.bare:application()") as bare,
        ):
            runs: dict[str, list[float]] = {"full": [], "bare": []}
            for _ in range(ROUNDS):
                runs["bare"] += _load(bare.url, key)
                runs["full"] += _load(full.url, key)
    return show("Accepting an order", _figures(runs))


def _figures(runs: dict[str, list[float]]) -> list[Figure]:
    """Latencies of all rounds; each round lasted as long as the others."""
    rate = {name: len(times) / ROUNDS / SECONDS for name, times in runs.items()}
    late = {name: percentile(times, 0.99) * 1000 for name, times in runs.items()}
    return [
        Figure("bare DRF view, five statements", rate["bare"], "/s"),
        Figure("POST /api/v1/generations", rate["full"], "/s"),
        Figure(
            "its share of the bare view's throughput", rate["full"] / rate["bare"], "x", least=0.7
        ),
        Figure("p99 of the bare view", late["bare"], "ms"),
        Figure("p99 of an order", late["full"], "ms"),
        Figure("p99, as a multiple of the bare view's", late["full"] / late["bare"], "x", most=2),
    ]


def _customer() -> str:
    from accounts import keys
    from tests.factories import a_workspace

    workspace = a_workspace(deposit="90000")
    return keys.create(maker=workspace.memberships.get(), name="bench").text


def _statements(key: str) -> None:
    """One order, statement by statement, with the milliseconds of each."""
    from django.db import connection
    from django.test import Client

    asked: list[tuple[float, str]] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            asked.append(((time.perf_counter() - begun) * 1000, sql))

    client = Client(HTTP_HOST="localhost")
    for number in range(50):  # plans and caches are warm in a server, too
        asked.clear()
        with connection.execute_wrapper(note):
            answer = client.post(
                "/api/v1/generations",
                json.dumps(BODY),
                "application/json",
                headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"count-{number}"},
            )
        assert answer.status_code == 202, answer.content
    print(f"\nAn order is {len(asked)} statements")
    for spent, sql in asked:
        why = next((why for word, why in PURPOSES.items() if word in sql), "?")
        print(f"  {spent:6.2f} ms  {' '.join(sql.split())[:56]:<56}  {why}")


class _Server:
    """gunicorn as the Dockerfile starts it, with one worker: two servers share the machine."""

    def __init__(self, application: str) -> None:
        self.application = application

    def __enter__(self) -> _Server:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", self.application, "--bind", f"127.0.0.1:{port}",
             "--worker-class", "gthread", "--workers", "1", "--threads", str(THREADS),
             "--log-level", "warning"],
            cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        _until_up(self.url)
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _until_up(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


def _load(url: str, key: str) -> list[float]:
    """Seconds of every request of a crowd that asks as fast as it is answered."""
    times: list[float] = []
    until = time.monotonic() + SECONDS

    def ask(number: int) -> None:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
            while (begun := time.monotonic()) < until:
                name = f"{number}-{begun}"
                answer = client.post(
                    "/api/v1/generations", json=BODY, headers={"Idempotency-Key": name}
                )
                assert answer.status_code == 202, answer.text
                times.append(time.monotonic() - begun)

    crowd = [threading.Thread(target=ask, args=(number,)) for number in range(CROWD)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    return times


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
