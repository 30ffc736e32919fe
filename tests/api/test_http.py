"""What is no decent HTTP is refused by both of our servers, and disturbs nobody."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from accounts import keys
from tests.api.listening import Process

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

#: Seconds of silence after which nothing more is expected.
SILENCE = 0.5
#: A coding or a version that a server does not know.
UNKNOWN = {501, 505}
#: There is nothing at this address: who answers it saw it.
HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
#: What the log says of a request that nobody caught. A host that is not ours is caught, and told.
BROKEN = ["Internal Server Error", "Exception in ASGI application", "Error handling request"]
PATHS = ["/api/v1/me", "/api/v1/generations", "/v1/videos", "/healthz", "/files/x"]


class Gunicorn(Process):
    """As the image starts it."""

    def command(self, port: int) -> list[str]:
        options = ["--worker-class", "gthread", "--workers", "1", "--threads", "8"]
        options += ["--no-control-socket"]
        return ["gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}", *options]


@pytest.fixture(scope="module", params=[Process, Gunicorn], ids=["uvicorn", "gunicorn"])
def server(request, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Process]:
    process = request.param(tmp_path_factory.mktemp("http") / "log").start()
    yield process
    process.stop()
    assert not [broken for broken in BROKEN if broken in process.log]


def head(path: str, *lines: str, method: str = "GET", then: str = "close") -> bytes:
    """As text: a case may hold anything."""
    first = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Connection: {then}"]
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1")


def hiding(path: str, body: bytes, *lines: str) -> bytes:
    """A request in whose body one that is read otherwise finds another."""
    return head(path, *lines, method="POST", then="keep-alive") + body + HIDDEN


def chunked(path: str, body: bytes, *lines: str) -> bytes:
    return head(path, "Transfer-Encoding: chunked", *lines, method="POST") + body


def cases(path: str) -> dict[str, bytes]:
    """By what is wrong with them."""
    lengths = ["-1", "+5", "5, 6", "0x5", "5.0", "٥", "9" * 30, "", " ", "5;", "5\x0b", "1e1"]
    # What ends in `chunked` is framed by chunks, whatever stands before it: that hides nothing.
    codings = [
        *["xchunked", "chunked, identity", "chunked;q=1", "chunked, gzip", "identity", "chunkedx"],
        *["\x0bchunked", "chunked\x0b", '"chunked"', "chunked, chunked", "CHUNKED\t,"],
    ]
    sizes = [
        "g",
        "-1",
        "0x1",
        "ffffffffffffffff",
        "1;" + "x" * 100_000,
        " 1",
        "1 ",
        "+1",
        "",
        "1_0",
    ]
    names = ["A B", "", "A\x00B", "A\tB", "Ä", "A:B\x7f", "(x)", "Content-Length\x00"]
    values = ["\x00", "a\x00b", "a\x0bb", "a\x1fb", "\x7f"]
    return {
        "10 000 headers": head(path, *[f"X-{n}: 1" for n in range(10_000)]),
        "a header of 1 MB": head(path, "X-Long: " + "x" * (1 << 20)),
        "a key of 1 MB": head(path, "Authorization: Bearer " + "x" * (1 << 20)),
        "an address of 1 MB": head("/" + "x" * (1 << 20)),
        "a query of 1 MB": head(f"{path}?q=" + "x" * (1 << 20)),
        "no method": f" {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
        "no version": f"GET {path}\r\nHost: localhost\r\n\r\n".encode(),
        "HTTP/9.9": f"GET {path} HTTP/9.9\r\nHost: localhost\r\n\r\n".encode(),
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500 + b"\r\n\r\n",
        "a method of its own": head(path, method="G@T"),
        "a space in the address": head(path + " x"),
        "an address of another": head("http://evil.example" + path, "Host: evil.example"),
        "another host": f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode(),
        "two hosts": head(path, "Host: evil.example"),
        "a host that is none": f"GET {path} HTTP/1.1\r\nHost: a b\r\n\r\n".encode(),
        "no host": f"GET {path} HTTP/1.1\r\n\r\n".encode(),
        "lengths and chunks": hiding(
            path, b"0\r\n\r\n", "Content-Length: 50", "Transfer-Encoding: chunked"
        ),
        "chunks and lengths": hiding(
            path, b"0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 4"
        ),
        "two lengths": head(path, "Content-Length: 2", "Content-Length: 3", method="POST") + b"{}x",
        "a folded header": head(path, "X-A: 1\r\n 2\r\n\tTransfer-Encoding: chunked"),
        "a space before the colon": head(path, "Content-Length : 2", method="POST") + b"{}",
        "a length of ten and nothing": head(path, "Content-Length: 10", "Connection: close"),
        **{
            f"length {text!r}": head(path, f"Content-Length: {text}", method="POST") + b"{}"
            for text in map(safe, lengths)
        },
        **{
            f"coding {text!r}": hiding(path, b"0\r\n\r\n", f"Transfer-Encoding: {text}")
            for text in codings
        },
        **{
            f"chunk {text[:20]!r}": chunked(path, f"{text}\r\nx\r\n0\r\n\r\n".encode())
            for text in sizes
        },
        "a chunk that ends elsewhere": hiding(
            path, b"1\r\nxy\r\n0\r\n\r\n", "Transfer-Encoding: chunked"
        ),
        "bare line feeds": head(path).replace(b"\r\n", b"\n"),
        **{f"name {text!r}": head(path, f"{text}: 1") for text in names},
        **{f"value {text!r}": head(path, f"X-A: {text}") for text in values},
    }


def safe(text: str) -> str:
    return text.encode().decode("latin-1")


def sent(server: Process, raw: bytes) -> list[int]:
    """The statuses of all answers, up to the moment the connection is closed or rests."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as line:
        received = b""
        with suppress(ConnectionError, TimeoutError):
            line.sendall(raw)
            line.settimeout(SILENCE)
            while block := line.recv(65_536):
                received += block
    starts = [one for one in received.split(b"HTTP/1.") if one[1:2] == b" "]
    return [int(one[2:5]) for one in starts]


def test_there_are_three_hundred_ways():
    assert sum(len(cases(path)) for path in PATHS) >= 300


@pytest.mark.parametrize("paths", [1, pytest.param(len(PATHS), marks=pytest.mark.long)])
def test_no_odd_request_breaks_anything_or_hides_a_second_one(server, paths):
    wrong = []
    for path in PATHS[:paths]:
        for name, raw in cases(path).items():
            statuses = sent(server, raw)
            is_fine = all(status < 500 or status in UNKNOWN for status in statuses)
            if not is_fine or 404 in statuses[1:]:
                wrong.append((path, name, statuses))
    assert not wrong
    assert httpx.get(f"{server.url}/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/api/v1/nothing", "/api/v1/me"])
def test_no_answer_says_which_version_of_what_gave_it(server, path):
    headers = httpx.get(f"{server.url}{path}").headers

    for name in ("Server", "Via", "X-Powered-By", "X-Runtime", "X-Generator", "X-AspNet-Version"):
        assert not re.search("[0-9]", headers.get(name, "")), (name, headers[name])


# Slowness


def slow_head(path: str) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-A: ".encode()


def slow_body(path: str) -> bytes:
    lines = ["Content-Type: application/json", "Content-Length: 100000"]
    return head(path, *lines, method="POST") + b"{"


def slow_read(path: str) -> bytes:
    return head("/docs") * 50


WAYS = [slow_head, slow_body, slow_read]


class Crowd:
    """Connections that say or take a byte now and then."""

    def __init__(self, server: Process, count: int) -> None:
        parts, self.lines = urlsplit(server.url), []
        for number in range(count):
            line = socket.socket()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            line.connect((parts.hostname, parts.port))
            line.setblocking(False)
            self._say(line, WAYS[number % len(WAYS)]("/api/v1/generations"))
            self.lines.append(line)

    def dribble(self) -> None:
        for line in self.lines:
            self._say(line, b"x")

    def close(self) -> None:
        for line in self.lines:
            line.close()

    def _say(self, line: socket.socket, raw: bytes) -> None:
        with suppress(OSError):  # it was hung up on, or takes no more
            line.send(raw)


@pytest.mark.parametrize("server", [Process], ids=["uvicorn"], indirect=True)
@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.long)])
def test_who_is_slow_keeps_nobody_else_waiting(server, alice, count):
    """Of gunicorn the proxy before it keeps them away."""
    key = keys.create(maker=alice, name="Normal").text
    bearer, took = {"Authorization": f"Bearer {key}"}, []
    with ExitStack() as ended:
        crowd = Crowd(server, count)
        ended.callback(crowd.close)
        with httpx.Client(base_url=server.url, headers=bearer, timeout=30) as normal:
            for _ in range(40):
                crowd.dribble()
                began = time.monotonic()
                assert normal.get("/api/v1/me").status_code == 200
                took.append(time.monotonic() - began)

    assert sorted(took)[int(len(took) * 0.95)] < 1.0
