"""MiniMax as its clients see it, and a callback endpoint that knows how to echo."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.generations.sandbox.house import House, eventually

Body = dict[str, Any]

KEY = {"Authorization": "Bearer key"}
SUCCESS = {"status_code": 0, "status_msg": "success"}


@dataclass
class MiniMax:
    """The company in a running sandbox."""

    house: House

    def post(self, body: Any, **headers: str) -> httpx.Response:
        return self.house.client.post(
            "/minimax/v1/video_generation", json=body, headers={**KEY, **headers}
        )

    def query(self, task: str, **headers: str) -> httpx.Response:
        return self._get("query/video_generation", {"task_id": task}, headers)

    def retrieve(self, file_id: object) -> httpx.Response:
        return self._get("files/retrieve", {"file_id": str(file_id)}, {})

    def remains(self) -> httpx.Response:
        return self._get("token_plan/remains", {}, {})

    def submit(self, prompt: str, **changes: Any) -> str:
        """Order one clip; the id of its task. The submit must be acknowledged."""
        answer = self.post(an_order(prompt=prompt, **changes))
        assert answer.json()["base_resp"] == SUCCESS, answer.text
        return str(answer.json()["task_id"])

    def ended(self, task: str) -> Body:
        """What a query says once the task is no longer under way, told by the control endpoint."""
        eventually(lambda: self.house.job(task)["state"] in ("succeeded", "failed"))
        return dict(self.query(task).json())

    def file(self, task: str) -> Body:
        """What a retrieve says of a task that has succeeded."""
        return dict(self.retrieve(self.ended(task)["file_id"]).json()["file"])

    def set(self, *, times: int | None = None, **knobs: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in knobs.items()}
        limit = {"times": times} if times else {}
        answer = self.house.control("POST", "knobs", provider="minimax", knobs=named, **limit)
        assert answer.status_code == 200, answer.text

    def counter(self, name: str) -> int:
        return self.house.counters().get(f"minimax.{name}", 0)

    def last(self) -> Body:
        """The newest job, as the control endpoint shows it."""
        return dict(self.house.control("GET", "jobs").json()["jobs"][-1])

    def _get(self, path: str, query: dict[str, str], headers: dict[str, str]) -> httpx.Response:
        return self.house.client.get(
            f"/minimax/v1/{path}", params=query, headers={**KEY, **headers}
        )


def an_order(**changes: Any) -> Body:
    """A complete, correct text-to-video order; None leaves a field out."""
    order = {
        "model": "MiniMax-Hailuo-2.3",
        "prompt": "Waves at sunset [[stock]]",
        "prompt_optimizer": True,
        "fast_pretreatment": False,
        "duration": 6,
        "resolution": "768P",
        **changes,
    }
    return {name: value for name, value in order.items() if value is not None}


def code(answer: httpx.Response) -> int:
    """The code of a refusal, with its HTTP status checked to be 200."""
    assert answer.status_code == 200, answer.text
    return int(answer.json()["base_resp"]["status_code"])


@dataclass
class Endpoint:
    """A callback endpoint on this machine. `reply` is what it says to a challenge."""

    url: str = ""
    reply: Any = "echo"
    delay: float = 0.0
    status: int = 200
    challenges: list[str] = field(default_factory=list)
    told: list[Body] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def words(self) -> list[str]:
        return [body["status"] for body in self.told]

    def wait_for(self, count: int, *, within: float = 30) -> list[Body]:
        eventually(lambda: len(self.told) >= count, within=within)
        return self.told


def listen() -> tuple[Endpoint, ThreadingHTTPServer]:
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if "challenge" in body:
                endpoint.challenges.append(body["challenge"])
                time.sleep(endpoint.delay)
                self._answer(200, body if endpoint.reply == "echo" else endpoint.reply)
            else:
                endpoint.told.append(body)
                endpoint.at.append(time.time())
                self._answer(endpoint.status, {})

        def _answer(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/hook?token=t"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    return endpoint, server
