"""
Stands between Reelay and the sandbox, a door for each company, and spoils answers on the way.

How stands in the prompt: `<<submit=html>>` spoils the answer to the submission, `<<look=empty>>`
the first answer about its job. The request itself always arrives as it was sent.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import unquote

import httpx

from tests.faults.house import PROVIDERS
from tests.faults.spoils import SPOILS, whole

#: Members that name a job, in answers and in questions; `job` is our tag at Cloudflare.
NAMES = ("id", "job", "request_id", "taskUUID", "task_id")

_RULE = re.compile(r"<<(submit|look)=([a-z-]+)>>")
_NAMED = re.compile(rf'\\?"(?:{"|".join(NAMES)})\\?"\s*:\s*\\?"?([A-Za-z0-9_.:-]{{8,}})')
_ORDER = re.compile(r"A kite [^<]*<<[^\"]*>>")


class Garbler:
    """
    :param sandbox: where the requests go in the end.
    """

    def __init__(self, sandbox: str) -> None:
        self.sandbox = sandbox
        self._lock = threading.Lock()
        self._orders: dict[str, str] = {}  # a job's name → the order's prompt
        self._fired: set[tuple[str, str]] = set()
        self._doors = {name: _Door(self) for name in PROVIDERS}

    def address(self, provider: str) -> str:
        return f"http://127.0.0.1:{self._doors[provider].port}"

    def shut(self, provider: str) -> None:
        """From now on nobody listens there."""
        self._doors[provider].shut()

    def open(self, provider: str) -> None:
        """Again, at the same address."""
        self._doors[provider].open()

    def close(self) -> None:
        for door in self._doors.values():
            door.shut()

    def rule(self, asked: str) -> str:
        """How the answer to this request is to be spoiled, "" if not at all; each rule once."""
        ordered = _ORDER.search(asked)
        step = "submit" if ordered else "look"
        with self._lock:
            for prompt in [ordered[0]] if ordered else self._about(asked):
                how = dict(_RULE.findall(prompt)).get(step, "")
                if how and (prompt, step) not in self._fired:
                    self._fired.add((prompt, step))
                    return how
        return ""

    def has_spoiled(self, prompt: str, step: str) -> bool:
        ordered = _ORDER.search(prompt)
        return bool(ordered) and (ordered[0], step) in self._fired

    def remember(self, asked: str, answer: str) -> None:
        """By which names the job of a submission may be asked for."""
        if ordered := _ORDER.search(asked):
            with self._lock:
                self._orders |= dict.fromkeys(_NAMED.findall(asked + answer), ordered[0])

    def _about(self, asked: str) -> list[str]:
        return [order for name, order in self._orders.items() if name in asked]


class _Door:
    """One listening port, which keeps its number."""

    def __init__(self, garbler: Garbler) -> None:
        self._handler = type("Handler", (_Handler,), {"garbler": garbler})
        self.port = 0
        self.open()

    def open(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def shut(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    garbler: ClassVar[Garbler]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: text for name, text in self.headers.items() if name != "Host"}
        url = self.garbler.sandbox + self.path
        asked = unquote(self.path) + (headers.get("cf-aig-metadata") or "") + body.decode()
        how = self.garbler.rule(asked)
        with httpx.Client(timeout=600, trust_env=False) as client:
            try:
                answer = client.request(self.command, url, headers=headers, content=body)
            except httpx.HTTPError:
                return  # as it would be without us: no answer
        self.garbler.remember(asked, answer.text)
        # Whoever asked may have had enough of it.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in SPOILS[how](answer) if how else [whole(answer)]:
                self.wfile.write(piece)
                self.wfile.flush()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """The answers are looked at elsewhere."""
