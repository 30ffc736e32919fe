"""A sandbox as its clients see it, and somebody who listens for its webhooks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

TOKEN = "launcher"
PROJECT = Path(__file__).resolve().parents[3]

Task = dict[str, Any]


class House:
    """A sandbox process of its own, spoken to over HTTP."""

    def __init__(self, state: Path, *, render_seconds: float = 0.02, workers: int = 2) -> None:
        self.state = state
        self._options = ["--render-seconds", str(render_seconds), "--workers", str(workers)]
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it; after the first time on the same port, so that its addresses stay good."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "generations.sandbox", "--port", str(self.port),
             "--state", str(self.state), *self._options],
            cwd=PROJECT, env={**os.environ, "SANDBOX_TOKEN": TOKEN},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert ready.startswith("ready http://127.0.0.1:"), ready
        self.url = ready.split()[1]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.client = httpx.Client(base_url=self.url, timeout=20)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Seconds until it was gone."""
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(timeout=10)
        gone = time.monotonic() - began
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.client.close()
        return gone

    # The provider's side

    def post(self, *tasks: Task, **headers: str) -> httpx.Response:
        headers = {"Authorization": "Bearer key", **headers}
        return self.client.post("/runware/v1", json=list(tasks), headers=headers)

    def submit(self, prompt: str, **changes: Any) -> str:
        """Order one clip; its uuid. The submit must be acknowledged."""
        task = a_task(positivePrompt=prompt, **changes)
        answer = self.post(task)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"] == [echo(task)], answer.text
        return str(task["taskUUID"])

    def poll(self, *tasks: str) -> httpx.Response:
        return self.post(*({"taskType": "getResponse", "taskUUID": task} for task in tasks))

    def details(self, task: str) -> dict[str, Any]:
        answer = self.post({"taskType": "getTaskDetails", "taskUUID": task})
        return dict(answer.json()["data"][0])

    def balance(self) -> Any:
        question = {"taskType": "accountManagement", "taskUUID": a_uuid()}
        answer = self.post({**question, "operation": "getDetails"})
        return answer.json()["data"][0]["balance"]

    def finished(self, task: str, *, within: float = 60) -> dict[str, Any]:
        """The whole answer once the job is no longer under way, told by the control endpoint."""
        eventually(lambda: self.job(task)["state"] in ("succeeded", "failed"), within=within)
        return dict(self.poll(task).json())

    def clip(self, task: str) -> dict[str, Any]:
        """The item of a succeeded job."""
        return dict(self.finished(task)["data"][0])

    # The launcher's side

    def control(self, method: str, path: str, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self.client.request(method, f"/control/{path}", json=body or None, headers=headers)

    def set(self, *, times: int | None = None, **knobs: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in knobs.items()}
        limit = {"times": times} if times else {}
        answer = self.control("POST", "knobs", provider="runware", knobs=named, **limit)
        assert answer.status_code == 200, answer.text

    def job(self, task: str) -> dict[str, Any]:
        jobs = self.control("GET", "jobs").json()["jobs"]
        return dict(next(job for job in jobs if job["uuid"] == task))

    def counters(self) -> dict[str, int]:
        return dict(self.control("GET", "counters").json())


@dataclass
class Call:
    at: float
    method: str
    body: Any


@dataclass
class Listener:
    """A customer's endpoint on this machine. `answers` are used up one by one, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    delay: float = 0.0
    calls: list[Call] = field(default_factory=list)

    def wait_for(self, count: int, *, within: float = 30) -> list[Call]:
        eventually(lambda: len(self.calls) >= count, within=within)
        return self.calls


def listen() -> tuple[Listener, ThreadingHTTPServer]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(content) if self.command == "POST" else content
            listener.calls.append(Call(time.time(), self.command, body))
            status = listener.answers.pop(0) if listener.answers else 200
            time.sleep(listener.delay)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/hook?token=t"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    return listener, server


def a_uuid() -> str:
    return str(uuid.uuid4())


def a_task(**changes: Any) -> Task:
    """A complete, correct text-to-video task; None leaves a field out."""
    task = {
        "taskType": "videoInference",
        "taskUUID": a_uuid(),
        "model": "minimax:4@1",
        "positivePrompt": "Waves at sunset [[stock]]",
        "width": 1366,
        "height": 768,
        "duration": 6,
        "fps": 25,
        "includeCost": True,
        **changes,
    }
    return {name: value for name, value in task.items() if value is not None}


def echo(task: Task) -> Task:
    return {"taskType": task["taskType"], "taskUUID": task["taskUUID"]}


def eventually(condition: Callable[[], object], *, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.02)
