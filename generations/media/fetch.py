"""
Brings one file home from an address that a customer or a provider gave us.

Constant memory, one deadline for everything, a cap while the bytes arrive, and only a complete,
plain `200 OK` counts. What may go wrong, and what to do about it, is drawn in `errors.py`.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import queue
import ssl
import threading
import urllib.parse
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import httpcore
import httpx

from accounts.crashpoints import crashpoint
from accounts.outbound.addresses import Guard
from accounts.outbound.errors import (
    Broken,
    ForbiddenAddress,
    Gone,
    NoRoom,
    TooLarge,
    Unreachable,
)
from accounts.outbound.names import Resolver, system_resolver
from accounts.outbound.urls import WEB, Target, check_url, parse
from generations.media.wire import Deadline, Wire

__all__ = ["Fetched", "check_url", "fetch"]

REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Client errors that pass by themselves; all others mean that the link is no good.
COME_BACK = frozenset({408, 421, 425, 429})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that arrived whole."""

    bytes: int
    sha256: str
    content_type: str  # what they said, in lower case and without parameters; "" if nothing
    content_length: int | None  # what they announced
    final_url: str = field(repr=False)  # after redirects; may carry a signature


def fetch(
    url: str,
    *,
    into: BinaryIO | Path,
    guard: Guard,
    max_bytes: int,
    timeout_total: float,
    connect_timeout: float = 5.0,
    redirects: int = 0,
    schemes: Collection[str] = WEB,
    ports: Collection[int] | None = None,
    resolve: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """
    The file behind `url`, written to `into` (an open file, or a path that is left behind only
    when the file arrived whole), with its hash. Each redirect is judged like the first address.

    :raises FetchError: one of the kinds in `errors.py`; a message never holds a query string.
    """
    deadline = Deadline(timeout_total)
    wire = Wire(guard=guard, deadline=deadline, resolve=resolve)
    target = parse(url, guard, schemes=schemes, ports=ports)
    for _ in range(redirects + 1):
        with _answer(target, wire, tls, connect_timeout) as response:
            if response.status not in REDIRECTS:
                return _take(response, target, into, max_bytes)
            target = _next(response, target, guard, schemes, ports)
    raise Broken(f"The link leads on to other addresses more than {redirects} times.")


@contextlib.contextmanager
def _answer(
    target: Target, wire: Wire, tls: ssl.SSLContext | None, connect_timeout: float
) -> Iterator[httpcore.Response]:
    """The head of their answer; nothing of the body has been read yet."""
    if tls is None and target.scheme == "https":
        tls = _tls()
    request = httpcore.Request(
        "GET",
        _httpcore_url(target),
        headers=_headers(target),
        extensions={"timeout": {"connect": connect_timeout}},
    )
    with httpcore.ConnectionPool(ssl_context=tls, network_backend=wire) as pool:
        try:
            response = pool.handle_request(request)
            with contextlib.closing(response):
                yield response
        except httpcore.ProtocolError as error:
            raise Broken(f"{target} answered with something that is not whole HTTP.") from error


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _httpcore_url(target: Target) -> httpcore.URL:
    return httpcore.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path.encode(),
    )


def _headers(target: Target) -> dict[bytes | str, bytes | str]:
    return {
        "Host": target.authority,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": "reelay",
    }


def _next(
    response: httpcore.Response,
    target: Target,
    guard: Guard,
    schemes: Collection[str],
    ports: Collection[int] | None,
) -> Target:
    """Where a redirect leads, judged like the first address."""
    location = _header(response, "location").partition("#")[0]
    if not location:
        raise Broken(f"{target} leads on without saying where.")
    try:
        url = urllib.parse.urljoin(target.url, location)
    except ValueError:
        raise ForbiddenAddress(f"{target} leads on to something that is no address.") from None
    following = parse(url, guard, schemes=schemes, ports=ports)
    if target.scheme == "https" and following.scheme != "https":
        raise ForbiddenAddress(f"{target} leads on to an address that is not secure.")
    return following


def _take(
    response: httpcore.Response, target: Target, into: BinaryIO | Path, max_bytes: int
) -> Fetched:
    _judge_status(response.status, target)
    if _header(response, "content-encoding").lower() not in ("", "identity"):
        raise Broken(f"{target} answered with encoded bytes, which we did not ask for.")
    announced = _announced(response, target)
    if announced is not None and announced > max_bytes:
        raise TooLarge(f"{target} has {announced} bytes; at most {max_bytes} are taken.")

    with _opened(into) as file:
        size, sha256 = _save(response, target, file, max_bytes)
        if announced not in (None, size):
            raise Broken(f"{target} announced {announced} bytes and sent {size}.")
    content_type = _header(response, "content-type").partition(";")[0].strip().lower()[:100]
    return Fetched(size, sha256, content_type, announced, target.url)


def _judge_status(status: int, target: Target) -> None:
    if status == 200:
        return
    if status >= 500 or status in COME_BACK:
        raise Unreachable(f"{target} answered {status}.")
    if status >= 400:
        raise Gone(f"{target} answered {status}.")
    raise Broken(f"{target} answered {status} instead of the whole file.")


def _announced(response: httpcore.Response, target: Target) -> int | None:
    text = _header(response, "content-length")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Broken(f"{target} announced a length that is not a number.")
    return int(text)


def _header(response: httpcore.Response, name: str) -> str:
    wanted = name.encode()
    values = (value for key, value in response.headers if key.lower() == wanted)
    return next(values, b"").decode("latin-1").strip()


def _save(
    response: httpcore.Response, target: Target, file: BinaryIO, max_bytes: int
) -> tuple[int, str]:
    """How many bytes were written, and their hash."""
    size = 0
    with _Hash() as digest:
        for chunk in response.iter_stream():
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge(f"{target} has more than the {max_bytes} bytes that are taken.")
            digest.add(chunk)
            _write(file, chunk)
            crashpoint("CP12")
    return size, digest.hex


@contextlib.contextmanager
def _opened(into: BinaryIO | Path) -> Iterator[BinaryIO]:
    if not isinstance(into, Path):
        yield into
        return
    try:
        with _created(into) as file:
            yield file
    except BaseException:
        into.unlink(missing_ok=True)
        raise


def _created(path: Path) -> BinaryIO:
    try:
        return path.open("wb", buffering=0)
    except OSError as error:
        raise NoRoom("No file could be made on our own disk.") from error


def _write(file: BinaryIO, chunk: bytes) -> None:
    left = memoryview(chunk)
    try:
        while left:  # an unbuffered file may take less than it is given
            left = left[file.write(left) :]
    except OSError as error:
        raise NoRoom("The file could not be written to our own disk.") from error


class _Hash:
    """SHA-256 beside the download: hashing lets other threads run, so it costs no time."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=4)
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> _Hash:
        self._thread.start()
        return self

    def add(self, chunk: bytes) -> None:
        self._chunks.put(chunk)

    def __exit__(self, *_: object) -> None:
        self._chunks.put(b"")
        self._thread.join()

    @property
    def hex(self) -> str:
        """Complete once the block is left."""
        return self._digest.hexdigest()

    def _work(self) -> None:
        while chunk := self._chunks.get():
            self._digest.update(chunk)
