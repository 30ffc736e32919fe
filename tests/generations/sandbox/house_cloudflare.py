"""Cloudflare as its clients see it: a call that blocks, the gateway's logs, our credit."""

from __future__ import annotations

import json
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.generations.sandbox.house import House, eventually

Body = dict[str, Any]

KEY = {"Authorization": "Bearer key"}
ROOT = "/cloudflare/client/v4/accounts"
ACCOUNT = "0123456789abcdef0123456789abcdef"


@dataclass
class Cloudflare:
    """The company in a running sandbox."""

    house: House
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))

    def run(self, body: Any, tag: str | None = None, **headers: str) -> httpx.Response:
        """The blocking call; `tag` goes along as metadata."""
        return self.house.client.post(
            f"{ROOT}/{ACCOUNT}/ai/run", json=body, headers=_headers(tag, headers)
        )

    def begin(self, body: Any, tag: str | None = None, **headers: str) -> Future[httpx.Response]:
        """The same in a thread of its own."""
        return self.threads.submit(self.run, body, tag, **headers)

    def abandon(self, body: Any, tag: str) -> str:
        """Make the call and go away when it has been accepted; the id of its job."""
        before = {job["uuid"] for job in self.jobs()}
        content = json.dumps(body).encode()
        headers = {**_headers(tag, {}), "Host": "127.0.0.1", "Content-Length": str(len(content))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with socket.create_connection(("127.0.0.1", self.house.port)) as connection:
            head = f"POST {ROOT}/{ACCOUNT}/ai/run HTTP/1.1\r\n{lines}\r\n"
            connection.sendall(head.encode() + content)
            eventually(lambda: any(self._new(before)))
        return str(self._new(before)[0])

    def logs(self, gateway: str = "default", **query: Any) -> httpx.Response:
        return self._get(f"ai-gateway/gateways/{gateway}/logs", query)

    def tagged(self, tag: str) -> list[Body]:
        """The calls with this tag, as an exact search finds them."""
        filters = [
            {"key": "metadata.key", "operator": "eq", "value": ["job"]},
            {"key": "metadata.value", "operator": "eq", "value": [tag]},
        ]
        answer = self.logs(filters=json.dumps(filters))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["result"])

    def log(self, number: str, side: str = "") -> httpx.Response:
        return self._get(f"ai-gateway/gateways/default/logs/{number}{side}", {})

    def credit(self) -> httpx.Response:
        return self._get("ai-gateway/billing/credit-balance", {})

    def set(self, *, times: int | None = None, **knobs: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in knobs.items()}
        limit = {"times": times} if times else {}
        answer = self.house.control("POST", "knobs", provider="cloudflare", knobs=named, **limit)
        assert answer.status_code == 200, answer.text

    def jobs(self) -> list[Body]:
        """What has been accepted, oldest first."""
        jobs = self.house.control("GET", "jobs").json()["jobs"]
        return [job for job in jobs if job["state"] != "refused"]

    def last(self) -> Body:
        """The newest job, ended."""
        uuid = self.jobs()[-1]["uuid"]
        eventually(lambda: self.house.job(uuid)["state"] in ("succeeded", "failed"))
        return self.house.job(uuid)

    def counter(self, name: str) -> int:
        return self.house.counters().get(f"cloudflare.{name}", 0)

    def _get(self, path: str, query: dict[str, Any]) -> httpx.Response:
        return self.house.client.get(f"{ROOT}/{ACCOUNT}/{path}", params=query, headers=KEY)

    def _new(self, before: set[str]) -> list[str]:
        return [job["uuid"] for job in self.jobs() if job["uuid"] not in before]


def an_order(prompt: str = "Waves at sunset [[stock]]", **changes: Any) -> Body:
    """A complete, correct text-to-video call; None leaves a field of its input out."""
    sent = {
        "prompt": prompt,
        "duration": 6,
        "fast_pretreatment": False,
        "prompt_optimizer": True,
        "resolution": "768P",
        **changes,
    }
    model = sent.pop("model", "minimax/hailuo-2.3")
    return {
        "model": model,
        "input": {name: value for name, value in sent.items() if value is not None},
    }


def inner(answer: httpx.Response) -> Body:
    """What the gateway says inside the envelope, which must be a good one."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["success"], body["errors"], body["messages"]) == (True, [], [])
    return dict(body["result"])


def refusal(answer: httpx.Response) -> tuple[int, int]:
    """HTTP status and code of a refusal in the v4 envelope."""
    body = answer.json()
    assert (body["success"], body["result"], body["messages"]) == (False, None, [])
    (error,) = body["errors"]
    assert error["message"]
    return answer.status_code, error["code"]


def _headers(tag: str | None, more: dict[str, str]) -> dict[str, str]:
    tags = {"cf-aig-metadata": json.dumps({"job": tag})} if tag else {}
    sent = {name.replace("_", "-"): value for name, value in more.items()}
    return {**KEY, "Content-Type": "application/json", **tags, **sent}
