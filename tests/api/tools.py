"""A client of the API as customers have one, and the things they send and get."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from accounts import claims, keys
from accounts.models import Membership
from generations import lifecycle, storage
from generations.models import Clip, Generation
from generations.providers.base import Accepted, JobState, Snapshot
from generations.routing import Route

WORDS = {"model": "hailuo-2.3", "prompt": "A red kite over a harbour at dawn."}
AT_ONCE = 12  # connections; the pool has 16


class API:
    """`api.post("/generations", {...})` with a key of this member."""

    def __init__(self, member: Membership | None = None, text: str = "") -> None:
        self.key = text or (keys.create(maker=member, name="test").text if member else "")
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=True)

    def get(self, path: str, **headers: str) -> Any:
        return _read(self.client.get(self._address(path), headers=self._headers(headers)))

    def open(self, link: str, **headers: str) -> Any:
        """A signed link, as somebody without a key."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return _read(self.client.get(urlsplit(link).path, headers=headers))

    def head(self, path: str, **headers: str) -> Any:
        return self.client.head(self._address(path), headers=self._headers(headers))

    def patch(self, path: str, body: Any = None) -> Any:
        raw = json.dumps({} if body is None else body)
        return self.client.patch(
            self._address(path), raw, "application/json", headers=self._headers({})
        )

    def delete(self, path: str) -> Any:
        return self.client.delete(self._address(path), headers=self._headers({}))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """`body` goes as JSON; bytes go as they are."""
        raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        return self.client.post(
            self._address(path), raw, "application/json", headers=self._headers(headers)
        )

    def upload(self, content: bytes, name: str = "frame.png", **headers: str) -> Any:
        form = {"file": SimpleUploadedFile(name, content)}
        return self.client.post(self._address("/uploads"), form, headers=self._headers(headers))

    def _address(self, path: str) -> str:
        return f"/api/v1{path}"

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return bearer | {name.replace("_", "-"): value for name, value in more.items()}


def _read(response: Any) -> Any:
    """With its bytes, also where they were streamed."""
    streamed = response.streaming
    response.body = b"".join(response.streaming_content) if streamed else response.content
    return response


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem that this answer is; anything else fails the test."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"/docs/errors/{code}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response["X-Request-Id"]
    return body


def faults(body: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields a problem names, with the rules they break."""
    return [(error["field"], error["code"]) for error in body["errors"]]


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run them at the same moment, each with a connection of its own; their answers."""
    barrier = threading.Barrier(min(len(calls), AT_ONCE))

    def run(number: int, call: Callable[[], Any]) -> Any:
        try:
            if number < barrier.parties:
                barrier.wait(10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(run, range(len(calls)), calls))


@contextmanager
def queries() -> Iterator[list[str]]:
    """The statements asked meanwhile."""
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield asked


@cache
def a_picture(width: int = 640, height: int = 400, format: str = "PNG") -> bytes:
    """A real image."""
    content = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(content, format)
    return content.getvalue()


def data_uri(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@cache
def a_film(folder: Path, seconds: int = 2) -> bytes:
    """A real, small MP4."""
    path = folder / "film.mp4"
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for number in range(seconds * 10):
            picture = Image.new("RGB", (128, 72), (number * 9 % 255, 80, 120))
            file.mux(stream.encode(av.VideoFrame.from_image(picture)))
        file.mux(stream.encode())
    return path.read_bytes()


def submitted(generation: Generation) -> tuple[Any, Any]:
    """Taken up by a worker and by a provider: now it is running."""
    (claim,) = claims.take(Generation, where="id = %s", parameters=[generation.pk], limit=1)
    route = Route(**claim.row.routes[0])
    attempt = lifecycle.begin(claim, route=route)
    assert attempt is not None
    assert lifecycle.accepted(claim, attempt=attempt, answer=Accepted(job_id=f"job-{attempt.id}"))
    return claim, attempt


def finished(generation: Generation, content: bytes) -> Generation:
    """Rendered, brought home and charged, by the steps the workers take."""
    claim, attempt = submitted(generation)
    done = Snapshot(
        state=JobState.DONE, video_url="https://cdn.example.org/clip.mp4", cost=Decimal("0.28")
    )
    assert lifecycle.seen(claim, attempt=attempt, snapshot=done)
    name = storage.keep_bytes(content, f"clips/{generation.id.hex}/film.mp4")
    clip = Clip(
        name=name,
        content_type="video/mp4",
        bytes=len(content),
        sha256="ab" * 32,
        width=128,
        height=72,
        duration_ms=2000,
        codec="h264",
    )
    assert lifecycle.delivered(claim, attempt=attempt, clip=clip)
    return Generation.objects.whole().get(pk=generation.pk)


def failed(generation: Generation) -> Generation:
    claim, _ = submitted(generation)
    assert lifecycle.failed(claim, code="content_policy", provider_message="Not this.")
    return Generation.objects.whole().get(pk=generation.pk)


def the_only() -> Generation:
    return Generation.objects.whole().get()
