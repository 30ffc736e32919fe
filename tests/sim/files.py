"""Where finished files lie: a real server on the loopback, for they come home over real HTTP."""

from __future__ import annotations

import contextlib
import functools
import io
import socket
import struct
import threading
from collections.abc import Callable

import av
from PIL import Image

#: What lies behind a path: a status, the bytes, and how many of them are announced.
Answer = tuple[int, bytes, int]


class FileServer:
    """Answers one connection after the other with what `find` says about its path."""

    def __init__(self, find: Callable[[str], Answer]) -> None:
        self._find = find
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with contextlib.suppress(OSError), connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(4096)
            if not received:
                return
            head += received
        status, body, announced = self._find(head.split(b" ")[1].decode().strip("/"))
        lines = [f"HTTP/1.1 {status} Said", "Content-Type: video/mp4", "Connection: close"]
        lines += [f"Content-Length: {announced}", "", ""]
        connection.sendall("\r\n".join(lines).encode() + body)


def clip(job_id: str, seconds: int) -> bytes:
    """A real clip like no other: its job's name lies in a box that players skip."""
    name = job_id.encode()
    return _clip(seconds) + struct.pack(">I4s", 8 + len(name), b"free") + name


def spoiled(fault: str, content: bytes, job_id: str, seconds: int) -> Answer:
    """What arrives instead of the file."""
    if fault in ("gone", "500"):
        return (404 if fault == "gone" else 500), b"", 0
    if fault == "short":
        return 200, content[: len(content) // 2], len(content)
    bodies = {
        "page": b"<html>Sign in</html>",
        "wrong length": clip(job_id, 16 - seconds),
        "half a clip": content[: len(content) // 2],
        "empty": b"",
    }
    return 200, bodies[fault], len(bodies[fault])


@functools.cache
def _clip(seconds: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=2, options={"preset": "ultrafast"})
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        for at in range(seconds * 2):
            picture = Image.new("RGB", (64, 64), (at * 9 % 256, 80, 160))
            out.mux(video.encode(av.VideoFrame.from_image(picture)))
        out.mux(video.encode())
    return file.getvalue()
