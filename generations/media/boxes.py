"""
Is this file whole? The frame of mp4, mov and webm, walked in plain Python.

A file cut short still opens, probes and gives a poster when its index stands in front (stack.md
section 5). Its boxes, however, no longer add up to its length, and that is what is checked here.
What is in the pictures is `probe.py`'s business.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from generations.media import ebml
from generations.media.facts import Facts, Malformed

__all__ = ["Facts", "Malformed", "sniff", "walk"]

#: How much of a file's beginning `sniff` wants to see.
SNIFF_BYTES = 4096

QUICKTIME = b"qt  "
MP4_BRANDS = frozenset(
    {b"M4V ", b"MSNV", b"avc1", b"dash", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7"}
    | {b"iso8", b"iso9", b"isom", b"mp41", b"mp42"}
)
#: Pictures and sounds in the same boxes, which may name an mp4 brand as a compatible one.
OTHER_BRANDS = frozenset(
    {b"M4A ", b"M4B ", b"M4P ", b"avif", b"avis", b"crx ", b"heic", b"heim", b"heis", b"heix"}
    | {b"hevc", b"hevm", b"hevs", b"hevx", b"jp2 ", b"mif1", b"msf1"}
)

MAX_BOXES = 10_000
MAX_MOOV = 8 * 1024 * 1024


def sniff(head: bytes) -> str | None:
    """`mp4`, `mov` or `webm` by the file's own first bytes, or None."""
    if head[:4] == ebml.MAGIC:
        return "webm" if ebml.doc_type(head) == b"webm" else None
    if head[4:8] != b"ftyp":
        return None
    size = int.from_bytes(head[:4], "big")
    major, compatible = head[8:12], head[16 : min(size, len(head))]
    if major == QUICKTIME:
        return "mov"
    brands = {major, *(compatible[at : at + 4] for at in range(0, len(compatible), 4))}
    return "mp4" if major not in OTHER_BRANDS and brands & MP4_BRANDS else None


def walk(file: BinaryIO, *, size: int, container: str) -> Facts:
    """
    What a whole file says about itself, without decoding a picture.

    :raises Malformed: if it is cut short, padded, or has no index; the reason is plain text.
    """
    walker: Callable[[BinaryIO, int], Facts] = ebml.walk if container == "webm" else _walk
    try:
        return walker(file, size)
    except (struct.error, IndexError, OverflowError, ZeroDivisionError):
        raise Malformed("a value lies outside its box") from None


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int  # of the contents
    stop: int


def _walk(file: BinaryIO, size: int) -> Facts:
    boxes = list(_top_level(file, size))
    if not boxes or boxes[0].kind != b"ftyp":
        raise Malformed("it does not begin with its type")
    for kind in (b"ftyp", b"moov"):
        if sum(box.kind == kind for box in boxes) != 1:
            raise Malformed(f"it has not exactly one {kind.decode()} box")
    if not any(box.kind == b"mdat" for box in boxes):
        raise Malformed("it has no pictures (mdat box)")

    moov = next(box for box in boxes if box.kind == b"moov")
    if moov.stop - moov.start > MAX_MOOV:
        raise Malformed("its index is too large")
    file.seek(moov.start)
    return _movie(file.read(moov.stop - moov.start))


def _top_level(file: BinaryIO, size: int) -> Iterator[_Box]:
    """Each box in turn; together they must fill the file exactly."""
    at = 0
    for _ in range(MAX_BOXES):
        if at == size:
            return
        file.seek(at)
        box = _box(file.read(16), at, size)
        yield box
        at = box.stop
    raise Malformed("it has too many boxes")


def _box(head: bytes, at: int, end: int) -> _Box:
    """The box at `at`. A size of 1 means that 64 bits follow, of 0 that it fills the rest."""
    if len(head) < 8:
        raise Malformed("it ends in the middle of a box")
    length, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
    if not all(0x20 <= letter < 0x7F for letter in kind):
        raise Malformed("it contains something that is not a box")
    if length == 1:
        length, header = int.from_bytes(head[8:16], "big"), 16
    elif length == 0 and kind == b"mdat":
        length = end - at
    if length < header:
        raise Malformed(f"its {kind.decode()} box is smaller than its own header")
    if at + length > end:
        raise Malformed(f"it is cut short: its {kind.decode()} box goes beyond the end")
    return _Box(kind, at + header, at + length)


def _movie(moov: bytes) -> Facts:
    tracks = [_track(trak) for trak in _children(moov, b"trak")]
    videos = [track for track in tracks if track.handler == b"vide"]
    if len(videos) != 1:
        raise Malformed(f"it has {len(videos)} video tracks instead of one")
    video = videos[0]
    if not video.width or not video.height:
        raise Malformed("its pictures have no size")
    return Facts(
        width=video.width,
        height=video.height,
        duration_ms=_duration(moov),
        codec=video.codec,
        frames=video.samples or None,
        has_audio=any(track.handler == b"soun" for track in tracks),
    )


def _duration(moov: bytes) -> int | None:
    """Milliseconds; None where the file does not say (a fragmented one need not)."""
    mvhd = _only(moov, b"mvhd")
    if mvhd[0] == 1:
        timescale, duration = struct.unpack_from(">IQ", mvhd, 20)
    else:
        timescale, duration = struct.unpack_from(">II", mvhd, 12)
    return round(duration * 1000 / timescale) or None


@dataclass(frozen=True, slots=True)
class _Track:
    handler: bytes
    codec: str = ""
    width: int = 0
    height: int = 0
    samples: int = 0


CODECS = {
    b"av01": "av1",
    b"avc1": "h264",
    b"avc3": "h264",
    b"hev1": "hevc",
    b"hvc1": "hevc",
    b"vp08": "vp8",
    b"vp09": "vp9",
}


def _track(trak: bytes) -> _Track:
    media = _only(trak, b"mdia")
    handler = _only(media, b"hdlr")[8:12]
    if handler != b"vide":
        return _Track(handler)
    table = _only(_only(media, b"minf"), b"stbl")
    entry = _only(table, b"stsd")[8:]
    width, height = struct.unpack_from(">HH", entry, 32)
    codec = CODECS.get(entry[4:8], "unknown")
    return _Track(handler, codec, width, height, _samples(_only(table, b"stts")))


def _samples(stts: bytes) -> int:
    (entries,) = struct.unpack_from(">I", stts, 4)
    runs = stts[8 : 8 + entries * 8]
    if len(runs) != entries * 8:
        raise Malformed("its index is cut short")
    return sum(count for count, _ in struct.iter_unpack(">II", runs))


def _only(parent: bytes, kind: bytes) -> bytes:
    found = list(_children(parent, kind))
    if len(found) != 1:
        raise Malformed(f"its index has not exactly one {kind.decode()} box")
    return found[0]


def _children(parent: bytes, kind: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(MAX_BOXES):
        if len(parent) - at < 8 or parent[at : at + 8] == bytes(8):
            return  # QuickTime ends some lists with zeros
        box = _box(parent[at : at + 16], at, len(parent))
        if box.kind == kind:
            yield parent[box.start : box.stop]
        at = box.stop
    raise Malformed("its index has too many boxes")
