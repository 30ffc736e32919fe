"""Real servers on loopback that behave as badly as a test wants, and one that only counts."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

Behaviour = Callable[[socket.socket, str], None]


class Server:
    """Answers each connection with `behave(connection, head of the request)`."""

    def __init__(self, behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> None:
        self._behave = behave
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[str] = []
        self.connections = 0
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def pair(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def url(self, path: str = "/clip.mp4") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with contextlib.suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._behave(connection, self._head(connection))

    def _head(self, connection: socket.socket) -> str:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(4096)
            if not received:
                break
            head += received
        self.requests.append(head.decode("latin-1"))
        return self.requests[-1]


@contextlib.contextmanager
def serving(behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(behave, tls=tls)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def canary() -> Iterator[Server]:
    """Nobody may ever connect to it."""
    with serving(lambda connection, head: None) as server:
        yield server


def says(*lines: str, body: bytes = b"") -> Behaviour:
    """Answers with exactly these lines and these bytes, and closes."""
    head = "\r\n".join((*lines, "", "")).encode("latin-1")
    return lambda connection, request: connection.sendall(head + body)


def file(body: bytes, *, content_type: str = "video/mp4") -> Behaviour:
    """An honest 200."""
    return says(
        "HTTP/1.1 200 OK",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        body=body,
    )


def redirect(location: str, status: int = 302) -> Behaviour:
    return says(f"HTTP/1.1 {status} Elsewhere", f"Location: {location}", "Content-Length: 0")
