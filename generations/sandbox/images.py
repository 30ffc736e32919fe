"""First frames: fetched or unpacked, really decoded, and kept for the renderer."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from PIL import Image

from generations.sandbox.loopback import is_here, is_web_address

#: providers.md 0.2, from seeds 003 and 004.
LARGEST = 20 * 1024 * 1024
SHORT_SIDE = 300
RATIOS = (2 / 5, 5 / 2)
KINDS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}

#: Larger pictures are refused before they are unpacked (Pillow refuses twice this).
Image.MAX_IMAGE_PIXELS = 60_000_000

_DATA_URI = re.compile(r"data:image/(?:jpeg|jpg|png|webp);base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """`path` is None for the pictures of the provider's own examples, which are drawn instead."""

    path: str | None
    width: int
    height: int


class BadImage(Exception):
    """Why a first frame cannot be used, in words."""


class Unreachable(BadImage):
    """It could not be fetched."""


async def read(image: str, *, folder: Path, known: frozenset[str]) -> FirstFrame:
    """
    The first frame behind an address, a data URI or base64 text. Raises BadImage.

    :param known: the addresses and ids in the provider's own examples.
    """
    if image in known:
        return FirstFrame(None, 1366, 768)
    content = await _fetched(image) if is_web_address(image) else _unpacked(image)
    return await asyncio.to_thread(_kept, content, folder)


def frame_size(image: FirstFrame, short_side: int) -> tuple[int, int]:
    """The size of a clip from this frame: its ratio, `short_side` as in 768P, both sides even."""
    ratio = image.width / image.height
    long_side = round(short_side * max(ratio, 1 / ratio) / 2) * 2
    return (long_side, short_side) if ratio >= 1 else (short_side, long_side)


async def _fetched(address: str) -> bytes:
    if not is_here(address):
        raise Unreachable("The sandbox fetches images from this machine only.")
    timeout = aiohttp.ClientTimeout(total=10)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise Unreachable(f"Downloading the image answered {answer.status}.")
            return await answer.content.read(LARGEST + 1)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unreachable("The image could not be downloaded.") from error


def _unpacked(image: str) -> bytes:
    text = _DATA_URI.sub("", image, count=1)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadImage("Not an address, a data URI, base64 or a known UUID.") from None


def _kept(content: bytes, folder: Path) -> FirstFrame:
    if len(content) >= LARGEST:
        raise BadImage("The image must be smaller than 20 MB.")
    kind, width, height = _decoded(content)
    if min(width, height) <= SHORT_SIDE:
        raise BadImage("The image's short side must be larger than 300 pixels.")
    if not RATIOS[0] <= width / height <= RATIOS[1]:
        raise BadImage("The image's aspect ratio must be between 2:5 and 5:2.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(content).hexdigest()}.{KINDS[kind]}"
    path.write_bytes(content)
    return FirstFrame(str(path), width, height)


def _decoded(content: bytes) -> tuple[str, int, int]:
    """Kind and size, after unpacking every pixel."""
    try:
        with Image.open(io.BytesIO(content), formats=list(KINDS)) as image:
            image.load()
            return str(image.format), image.width, image.height
    except Exception as error:  # Pillow raises whatever its decoders raise
        raise BadImage("The image is not a readable JPEG, PNG or WebP.") from error
