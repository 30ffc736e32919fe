"""Companies that do as they are told, reached over real HTTP on the loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx

from generations.providers import base, http
from generations.providers.base import (
    Accepted,
    BadSignature,
    Capabilities,
    Exchange,
    ImageForm,
    Job,
    JobState,
    Knock,
    Provider,
    RenderOrder,
    Route,
    Scheme,
    Seal,
    Snapshot,
)

ROUTES = (
    Route("hailuo-2.3", "text-to-video", "2.3"),
    Route("hailuo-2.3", "image-to-video", "2.3"),
    Route("hailuo-2.3-fast", "image-to-video", "fast"),
)
ABLE = Capabilities(routes=ROUTES, image_forms=frozenset({ImageForm.DATA_URI}), webhook=True)


class Company(Provider):
    """Asks one address for everything, and reads plain answers."""

    label = "A company of the tests"

    def submit(self, order: RenderOrder) -> Exchange[Accepted]:
        response = yield self._ask("submit", {"token": str(order.token)}, repeatable=False)
        said = http.fields(http.read(response.content))
        if response.status_code == 503 and said.get("gone"):
            raise base.Unavailable("no such model")
        if response.status_code != 200 or "job" not in said:
            raise http.classify(response, paid=True)
        snapshot = _snapshot(said) if "state" in said else None
        return Accepted(str(said["job"]), snapshot=snapshot)

    def look(self, jobs: Sequence[Job]) -> Exchange[dict[str, Snapshot]]:
        found = {}
        for job in jobs:
            response = yield self._ask("look", {"job": job.id})
            if response.status_code != 200:
                raise http.classify(response, paid=False)
            found[job.id] = _snapshot(http.fields(http.read(response.content)))
        return found

    def settle(self, job: Job) -> Exchange[Snapshot]:
        response = yield self._ask("settle", {"token": str(job.token)})
        return _snapshot(http.fields(http.read(response.content)))

    def recognise(self, job: Job) -> Exchange[Snapshot]:
        response = yield self._ask("recognise", {"job": job.id})
        return _snapshot(http.fields(http.read(response.content)))

    def cancel(self, job: Job) -> Exchange[bool]:
        response = yield self._ask("cancel", {"job": job.id})
        if response.status_code != 200:
            raise http.classify(response, paid=False)
        return http.fields(http.read(response.content)).get("stopped") is True

    def balance(self) -> Exchange[Decimal]:
        response = yield self._ask("balance", {})
        if response.status_code != 200:
            raise http.classify(response, paid=False)
        return Decimal(str(http.fields(http.read(response.content))["balance"]))

    def webhook(self, *, headers: Mapping[str, str], body: bytes) -> Knock:
        said = http.fields(http.read(body))
        challenge = said.get("challenge")
        return Knock(http.text(said.get("job")) or None, challenge and str(challenge))

    def seal(self, *, headers: Mapping[str, str], body: bytes) -> Seal:
        try:
            sent_at = datetime.fromtimestamp(int(headers["x-sent"]), UTC)
            signatures = tuple(bytes.fromhex(one) for one in headers["x-signed"].split())
        except (KeyError, ValueError) as problem:
            raise BadSignature("not signed") from problem
        message = headers["x-sent"].encode() + b"." + body
        return Seal(Scheme.HMAC_SHA256, message, signatures, sent_at)

    def webhook_keys(self) -> Exchange[tuple[bytes, ...]]:
        response = yield self._ask("keys", {})
        keys = http.fields(http.read(response.content))["keys"]
        assert isinstance(keys, list)
        return tuple(str(key).encode() for key in keys)

    def _ask(self, what: str, body: object, *, repeatable: bool = True) -> httpx.Request:
        url = f"{self.base_url}/{self.name}/{what}"
        return http.post(url, body=body, headers={}, repeatable=repeatable)


def _snapshot(said: Mapping[str, Any]) -> Snapshot:
    state = JobState(said.get("state", "missing"))
    failure = base.Failure("provider_error", "no") if state is JobState.FAILED else None
    cost = Decimal(said["cost"]) if "cost" in said else None
    return Snapshot(state, video_url=said.get("url", ""), failure=failure, cost=cost)


def company(named: str, able: Capabilities) -> type[Provider]:
    class Named(Company):
        name: ClassVar[str] = named
        capabilities: ClassVar[Capabilities] = able

    return Named


@dataclass
class Wire:
    """
    The other end: answers what the script says, and keeps what was asked.

    `script` maps "company/question" to answers, used up one by one, the last one for ever.
    """

    url: str = ""
    script: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)

    def says(self, question: str, *answers: tuple[int, Any]) -> None:
        self.script[question] = list(answers)

    def count(self, question: str) -> int:
        return self.asked.count(question)

    def answer(self, question: str) -> tuple[int, Any]:
        self.asked.append(question)
        left = self.script.get(question) or [(200, {"job": f"job-{len(self.asked)}"})]
        return left.pop(0) if len(left) > 1 else left[0]


def serve(wire: Wire) -> ThreadingHTTPServer:
    wire.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = wire.answer(self.path.strip("/"))
            wire.answering.wait(30)
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in wire.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    wire.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    return server


def signed(body: bytes, *keys: str, at: datetime) -> dict[str, str]:
    """The headers a company of ours puts on a webhook."""
    sent = str(int(at.timestamp()))
    message = sent.encode() + b"." + body
    marks = [hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in keys]
    return {"x-sent": sent, "x-signed": " ".join(marks)}
