"""Serves finished clips, with Range and HEAD, and with every fault a file can have."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from PIL import Image

from generations.sandbox import knobs
from generations.sandbox.faults import HTML
from generations.sandbox.knobs import ALWAYS
from generations.sandbox.parts import Parts
from generations.sandbox.records import Job, Result

KINDS = {".mov": "video/quicktime", ".mp4": "video/mp4", ".webm": "video/webm"}

PIECE = 16 * 1024


class Files:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [web.get("/files/{name}", self.serve)]  # HEAD comes with it

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /files/<videoUUID>.<kind>: 200, 206, 304, 403 expired, 404, 416."""
        found = self._find(request.match_info["name"])
        if found is None:
            return web.Response(status=404, text="Not found")
        job, result, path = found
        if reason := self._parts.links.refusal(job, result, request.query):
            return web.Response(status=403, text=reason)
        if request.method == "GET":
            self._parts.records.downloaded(result)
            self._parts.notes.count("files.downloads")
        return await self._answer(request, job, result, path)

    def _find(self, name: str) -> tuple[Job, Result, Path] | None:
        result = self._parts.records.result(Path(name).stem)
        if result is None or result.path is None or Path(result.path).suffix != Path(name).suffix:
            return None
        job = self._parts.records.job(result.provider, result.job)
        return (job, result, Path(result.path)) if job else None

    async def _answer(
        self, request: web.Request, job: Job, result: Result, path: Path
    ) -> web.StreamResponse:
        kind = KINDS[path.suffix]
        status = job.knobs.get("result-status")
        if status and (status.times == ALWAYS or result.downloads < status.times):
            return web.Response(status=int(status.value), text="Not available")
        if "result-redirect" in job.knobs and (place := _redirect(request, job)):
            return web.Response(status=302, headers={"Location": place})
        if what := knobs.word(job.knobs, "result-not-video"):
            return web.Response(body=_not_a_video(what), content_type=kind)
        if percent := knobs.number(job.knobs, "result-truncated"):
            content = path.read_bytes()
            return web.Response(
                body=content[: int(len(content) * percent / 100)], content_type=kind
            )
        if "result-length" in job.knobs or "result-slow" in job.knobs:
            return await _dripped(request, job, path, kind)
        return web.FileResponse(path, headers={"Content-Type": kind})


def _redirect(request: web.Request, job: Job) -> str | None:
    """Where to go next, until the hops are used up."""
    value = job.knobs["result-redirect"].value
    if isinstance(value, str):
        return value
    hop = int(request.query.get("hop", "0")) if request.query.get("hop", "0").isdecimal() else 0
    return str(request.rel_url.update_query(hop=str(hop + 1))) if hop < float(value) else None


def _not_a_video(what: str) -> bytes:
    if what != "jpeg":
        return HTML.encode()
    buffer = io.BytesIO()
    Image.new("RGB", (640, 360), (30, 60, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


async def _dripped(request: web.Request, job: Job, path: Path, kind: str) -> web.StreamResponse:
    """The whole file in small pieces, at a pace, and with a Content-Length that may lie."""
    pace = knobs.number(job.knobs, "result-slow")
    length = knobs.word(job.knobs, "result-length")
    size = path.stat().st_size
    answer = web.StreamResponse(headers={"Content-Type": kind})
    if length == "missing":
        answer.enable_chunked_encoding()
    else:
        answer.content_length = size * 2 if length else size
    await answer.prepare(request)
    piece = PIECE if pace is None else max(1, min(PIECE, int(pace / 4)))
    with path.open("rb") as file:
        while chunk := file.read(piece):
            await answer.write(chunk)
            if pace:
                await asyncio.sleep(len(chunk) / pace)
    if length == "long" and request.transport:
        request.transport.close()
    return answer
