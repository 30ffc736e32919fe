"""Ways in which an answer can be bad, as the bytes that go over the wire."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx

LARGE = 10 * 1024 * 1024
HTML = b"<!doctype html><title>Sorry</title><h1>We will be back soon</h1>"

#: Members that tell a state, at any of the five.
STATES = {"state", "status"}

Spoil = Callable[[httpx.Response], Iterable[bytes]]


def whole(answer: httpx.Response) -> bytes:
    """As it came."""
    return http(answer.content, status=answer.status_code)


def http(
    body: bytes,
    *,
    status: int = 200,
    kind: str = "application/json",
    length: int | None = None,
    more: str = "",
) -> bytes:
    head = (
        f"HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body


def changed(change: Callable[[Any], Any]) -> Spoil:
    """The true answer with its JSON changed."""
    return lambda answer: [http(json.dumps(change(answer.json())).encode())]


def _each(value: Any, leaf: Callable[[str, Any], Any], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _each(member, leaf, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_each(member, leaf, name) for member in value]
    return leaf(name, value)


def _other_type(name: str, value: Any) -> Any:
    kinds = {str: [value], int: {"value": value}, float: [value], bool: "perhaps"}
    return kinds.get(type(value), [])


def _unheard_of(name: str, value: Any) -> Any:
    return "Dreaming" if name in STATES and isinstance(value, str) else value


def _renamed(name: str, value: Any) -> Any:
    """Names of jobs become those of others: a digit of each is another one."""
    if "id" not in name.lower() or not isinstance(value, str | int) or isinstance(value, bool):
        return value
    turned = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), str(value))
    return turned if isinstance(value, str) else int(turned)


def _padded(answer: httpx.Response) -> Iterable[bytes]:
    return [http(json.dumps({"padding": "x" * LARGE, "answer": answer.json()}).encode())]


def _endless(answer: httpx.Response) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 Said\r\nContent-Type: application/json\r\n"
    yield b"Transfer-Encoding: chunked\r\n\r\n"
    piece = b"[" * 65536
    while True:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)


def _silent(answer: httpx.Response) -> Iterator[bytes]:
    """Longer than a look waits."""
    time.sleep(17)
    yield whole(answer)


def _bomb(answer: httpx.Response) -> Iterable[bytes]:
    return [http(gzip.compress(b" " * 4 * LARGE), more="Content-Encoding: gzip\r\n")]


#: By the word in a prompt.
SPOILS: dict[str, Spoil] = {
    "array": changed(lambda body: [body]),
    "bomb": _bomb,
    "broken": lambda answer: [http(answer.content[: len(answer.content) // 2])],
    "cut": lambda answer: [http(answer.content[:-3], length=len(answer.content))],
    "cut-head": lambda answer: [b"HTTP/1.1 20"],
    "deep": lambda answer: [http(b"[" * 200_000)],
    "empty": lambda answer: [http(b"")],
    "endless": _endless,
    "html": lambda answer: [http(HTML, kind="text/html")],
    "large": _padded,
    "latin": lambda answer: [http(answer.content.replace(b'"', b'"\xff', 1))],
    "no-content": lambda answer: [b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"],
    "no-http": lambda answer: [b"\x00\x01SSH-2.0-else\r\n\r\n"],
    "nobody": changed(lambda body: _each(body, lambda name, value: None)),
    "numbers": changed(lambda body: _each(body, lambda name, value: float("nan"))),
    "other": changed(lambda body: _each(body, _renamed)),
    "redirect": lambda answer: [
        http(b"", status=302, more="Location: http://169.254.169.254/latest\r\n")
    ],
    "silent": _silent,
    "string": changed(json.dumps),
    "types": changed(lambda body: _each(body, _other_type)),
    "words": changed(lambda body: _each(body, _unheard_of)),
}
