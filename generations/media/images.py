"""
A customer's first frame: judged, and made anew from its pixels alone.

What leaves here is always a JPEG (quality 95, full colour resolution, opaque on white, in sRGB)
of our own making. A video model sees no difference, every provider takes it, and nothing that
was hidden in the file survives: no EXIF with a place in it, no second document, no animation.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import cast

from generations.media import limited

#: Uploads must be smaller than this; what we make of them is, too.
MAX_BYTES = 20 * limited.MIB
MAX_PIXELS = 25_000_000
MIN_SHORT_SIDE = 301  # the providers say: longer than 300
RATIO = (2, 5)  # and, turned, 5:2; both still allowed
MEMORY = 1024 * limited.MIB
SECONDS = 10

CONTENT_TYPE = "image/jpeg"

_DATA_URI = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)


class ImageRefused(Exception):
    """
    The image cannot be a first frame. `code` is stable: `image_too_small`, `image_too_wide` (or
    too tall), `image_too_large`, `image_not_supported`, `image_broken` or `image_animated`.
    The message names the rule and what was found.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Judged:
    """Our own copy of an image, ready for any provider."""

    content: bytes = field(repr=False)
    content_type: str
    width: int
    height: int
    sha256: str


def judge_image(data: bytes, *, most: int = MAX_BYTES - 1) -> Judged:
    """
    A clean copy of a JPEG, PNG or WebP image that obeys the providers' rules (providers.md 1).

    :param most: bytes the copy may have; it is compressed more where it would have more.
    :raises ImageRefused: if it does not.
    """
    if len(data) >= MAX_BYTES:
        raise _too_large()
    if not _has_magic(data):
        raise ImageRefused("image_not_supported", "The image must be a JPEG, PNG or WebP file.")
    facts, content = _remade(data, most)
    return Judged(
        content=content,
        content_type=CONTENT_TYPE,
        width=cast(int, facts["width"]),
        height=cast(int, facts["height"]),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def parse_data_uri(text: str) -> bytes:
    """
    The bytes of `data:image/…;base64,…`, strictly read; too long a text is not decoded at all.

    :raises ImageRefused: if it is not such a text.
    """
    head = _DATA_URI.match(text[:80])
    if head is None:
        rule = "The image must be written as data:image/…;base64, followed by its bytes."
        raise ImageRefused("image_not_supported", rule)
    if len(text) - head.end() > _base64_length(MAX_BYTES):
        raise _too_large()
    try:
        return binascii.a2b_base64(text[head.end() :], strict_mode=True)
    except ValueError:
        raise ImageRefused("image_broken", "The image's base64 text is damaged.") from None


def _base64_length(size: int) -> int:
    return (size + 2) // 3 * 4


def _has_magic(data: bytes) -> bool:
    is_webp = (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
    return is_webp or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _remade(data: bytes, most: int) -> tuple[dict[str, object], bytes]:
    limits = limited.Limits(
        cpu_seconds=SECONDS, wall_seconds=SECONDS, memory=MEMORY, output=MAX_BYTES
    )
    rules = {
        "max_pixels": MAX_PIXELS,
        "min_short_side": MIN_SHORT_SIDE,
        "ratio": RATIO,
        "max_bytes": most,
    }
    try:
        return limited.run("image", rules, limits=limits, stdin=data)
    except limited.ChildRefused as error:
        raise ImageRefused(error.code, error.reason) from error
    except limited.ChildStopped as error:
        message = "The image takes too much time or memory to read."
        raise ImageRefused("image_too_large", message) from error


def _too_large() -> ImageRefused:
    return ImageRefused("image_too_large", "The image must be smaller than 20 MiB.")
