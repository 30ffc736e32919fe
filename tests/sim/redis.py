"""A Redis that knows the words we use, and whose keys live by our clock. It limits nobody."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import BinaryIO

from tests.sim.clock import clock


class Redis:
    """Speaks the protocol on a port of the loopback."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        #: key -> when it ends
        self.keys: dict[bytes, float] = {}
        self.is_down = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as asked, contextlib.suppress(OSError):
            while words := _words(asked):
                connection.sendall(b"-ERR down\r\n" if self.is_down else self._answer(*words))

    def _answer(self, word: bytes, *rest: bytes) -> bytes:
        if word == b"SET":
            return self._set(rest[0], float(rest[rest.index(b"EX") + 1]))
        if word == b"DEL":
            return b":%d\r\n" % (self.keys.pop(rest[0], None) is not None)
        if word == b"EVALSHA":  # nobody refuses, and nothing is used up
            return b"*%d\r\n" % (2 + int(rest[1])) + b":0\r\n" * (2 + int(rest[1]))
        if word == b"HINCRBYFLOAT":
            return b"$1\r\n0\r\n"
        if word == b"HELLO":
            return b"%1\r\n$5\r\nproto\r\n:3\r\n"
        return b"+OK\r\n"

    def _set(self, key: bytes, seconds: float) -> bytes:
        """Only where there is none yet."""
        if self.keys.get(key, 0.0) > clock.elapsed:
            return b"_\r\n"
        self.keys[key] = clock.elapsed + seconds
        return b"+OK\r\n"


def _words(asked: BinaryIO) -> list[bytes]:
    count = asked.readline()[1:]
    return [asked.read(int(asked.readline()[1:]) + 2)[:-2] for _ in range(int(count or 0))]
