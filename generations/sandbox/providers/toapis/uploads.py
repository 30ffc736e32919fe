"""
First frames of ToAPIs: uploaded first, then named by address. providers.md 3.1, 3.4.

A success follows the page behind that section: `success`, an empty `message`, and `data` with id,
url, mime_type and size. A failure is 400 with `success: false` and a message.
"""

from __future__ import annotations

import asyncio
import io
import re
import time
import uuid
from pathlib import Path

from aiohttp import BodyPartReader, web
from PIL import Image

from generations.sandbox import knobs
from generations.sandbox.faults import Refusal, broken
from generations.sandbox.parts import Parts
from generations.sandbox.providers.toapis.answers import refused

NAME = "toapis"

LARGEST = 10 * 1024 * 1024

#: Kind of image by ending; GIF may be uploaded although no model takes it.
KINDS = {".gif": "GIF", ".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}

_NAME = re.compile(r"\d+_[0-9a-f]{8}\.(?:gif|jpg|png|webp)")


class Unusable(Exception):
    """Why an upload is not taken, in words."""


class Uploads:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._folder: Path = parts.settings.state / "uploads"

    async def take(self, request: web.Request) -> web.Response:
        """POST /v1/uploads/images: multipart with `file` and perhaps `purpose`."""
        self._parts.notes.count(f"{NAME}.uploads")
        settings = self._parts.notes.take(NAME, "upload")
        if status := knobs.number(settings, "upload-error"):
            return broken(int(status), lambda refusal: refused(settings, refusal))
        if status := knobs.number(settings, "upload-false"):
            return _unsuccessful(int(status), "The image could not be uploaded")
        try:
            content = await _file(request)
            ending = await asyncio.to_thread(_ending, content)
        except Unusable as problem:
            return _unsuccessful(400, str(problem))
        return self._stored(content, ending)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET of an uploaded image, for whoever knows its address."""
        name = request.match_info["name"]
        path = self._folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            return refused({}, Refusal("not_found", 404))
        return web.FileResponse(path, headers={"Content-Type": _mime(path.suffix)})

    def _stored(self, content: bytes, ending: str) -> web.Response:
        number = uuid.uuid4().hex[:8]
        name = f"{int(time.time())}_{number}{ending}"
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(content)
        data = {
            "id": f"upload_{number}",
            "url": f"{self._parts.links.base}/{NAME}/uploads/{name}",
            "mime_type": _mime(ending),
            "size": len(content),
        }
        return web.json_response({"success": True, "message": "", "data": data})


async def _file(request: web.Request) -> bytes:
    """The bytes of the part called `file`; the whole body is read. Raises Unusable."""
    if not request.content_type.startswith("multipart/"):
        raise Unusable("The body must be multipart/form-data")
    found: bytes | None = None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name not in ("file", "purpose"):
                raise Unusable("Only the fields file and purpose are known")
            content = bytes(await part.read())
            found = content if part.name == "file" else found
    except ValueError:
        raise Unusable("The body is not readable as multipart/form-data") from None
    if found is None:
        raise Unusable("The field file is required")
    if len(found) > LARGEST:
        raise Unusable("File too large: the limit is 10 MB")
    return found


def _ending(content: bytes) -> str:
    """How the name of such an image ends. Raises Unusable."""
    try:
        with Image.open(io.BytesIO(content), formats=list(KINDS.values())) as image:
            image.load()
            return next(ending for ending, kind in KINDS.items() if kind == image.format)
    except Exception as error:  # Pillow raises whatever its decoders raise
        raise Unusable("Unsupported file type: only JPEG, PNG, WebP and GIF") from error


def _mime(ending: str) -> str:
    return f"image/{KINDS[ending].lower()}"


def _unsuccessful(status: int, message: str) -> web.Response:
    return web.json_response({"success": False, "message": message}, status=status)
